import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { until } from '../../test/support/until.ts'
import { formOf, type RunningExample, sendForm, startExample } from '../support.ts'
import { clamd, eicar, startClamd, startStub } from './daemons.ts'

const daemons = [
  { name: 'a stub of INSTREAM', start: startStub, skip: false },
  { name: 'clamd', start: startClamd, skip: existsSync(clamd) ? false : `There is no ${clamd}.` },
] as const

describe('ClamAV', () => {
  let example: RunningExample
  let directory: string
  before(async () => {
    example = await startExample(() => import('./app.ts'))
    directory = process.cwd()
  })
  after(() => example.stop())

  async function upload(bytes: Buffer, name: string): Promise<{ status: number; body: unknown }> {
    const form = new FormData()
    form.append('file', new Blob([Uint8Array.from(bytes)]), name)
    const response = await fetch(`${example.url}/api/media`, { method: 'POST', body: form })
    return { status: response.status, body: await response.json() }
  }
  async function isStored(text: string): Promise<boolean> {
    for (const file of await readdir(join(directory, 'data/s3'), { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      const bytes = file.isFile() ? await readFile(path).catch(() => Buffer.alloc(0)) : Buffer.alloc(0)
      if (bytes.includes(text)) return true
    }
    return false
  }

  for (const { name, start, skip } of daemons)
    describe(`by ${name}`, { skip }, () => {
      let stop: () => Promise<void>
      before(async () => {
        const daemon = await start()
        process.env.CLAMD = daemon.address
        stop = daemon.stop
      })
      after(() => stop())

      test('lets a clean photo and a clean video in', async () => {
        assert.equal((await upload(await picture(), 'a.jpg')).status, 201)
        assert.equal((await upload(await video(), 'a.mp4')).status, 201)
      })

      test('a browser is led back to the page, or to one that says what was found', async () => {
        const form = formOf(await (await fetch(example.url)).text())
        const clean = await sendForm(example.url, form, await picture())
        assert.deepEqual([clean.status, clean.headers.get('location')], [303, '/'])
        const infected = await sendForm(example.url, form, await picture(eicar))
        assert.equal(infected.status, 422)
        assert.match(await infected.text(), /“beach\.jpg” holds .*EICAR/)
      })

      for (const [what, file, bytes] of [
        ['the caption of a photo', 'b.jpg', () => picture(eicar)],
        ['the data of a video', 'b.mp4', () => video(eicar)],
      ] as const)
        test(`refuses EICAR in ${what}, and nothing of it is left`, async () => {
          const { status, body } = await upload(await bytes(), file)
          const { code, detail } = body as { code: string; detail: string }
          assert.deepEqual([status, code], [422, 'infected'])
          assert.match(detail, new RegExp(`“${file}” holds .*EICAR`))
          await until(async () => !(await isStored(eicar)))
        })
    })

  test('a daemon that is not there lets nothing in', async () => {
    process.env.CLAMD = join(directory, 'nowhere.sock')
    const { status, body } = await upload(await picture('nobody scans this'), 'c.jpg')
    assert.deepEqual([status, (body as { code: string }).code], [500, 'hook_failed'])
    await until(async () => !(await isStored('nobody scans this')))
  })

  test('a daemon that breaks off lets nothing in', async () => {
    const server = createServer((socket) => void socket.end('INSTREAM size limit exceeded. ERROR\0'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    process.env.CLAMD = `127.0.0.1:${(server.address() as AddressInfo).port}`
    assert.equal((await upload(await picture(), 'd.jpg')).status, 500)
    server.close()
  })
})

async function picture(description = 'a photo'): Promise<Buffer> {
  const pixels = { width: 40, height: 30, channels: 3 as const, background: '#579' }
  return sharp({ create: pixels })
    .withExif({ IFD0: { ImageDescription: description } })
    .jpeg()
    .toBuffer()
}

/** With a second box of data, which its index does not name. What is in a box that is not used is erased before the scan. */
async function video(data = 'nothing'): Promise<Buffer> {
  const clip = await readFile(new URL('../../test/media/files/index-first.mp4', import.meta.url))
  const box = Buffer.from(`....mdat${data}`)
  box.writeUInt32BE(box.length)
  return Buffer.concat([clip, box])
}
