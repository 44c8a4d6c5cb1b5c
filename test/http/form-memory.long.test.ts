import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024

describe('text fields of a form whose length nobody announced', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({ limits: { memory: 110 * mebibyte } })
  })
  after(() => app.stop())

  test('count in the memory budget while they are held, and no longer', async () => {
    const form = begin()
    for (let n = 0; n < 50; n++) form.field(`text${n}`, 'x'.repeat(64_000))
    await until(memory, (seen) => seen > 50 * 64_000)
    form.file(await photo())
    assert.match(await form.end(), /^HTTP\/1.1 201 /)
    await until(memory, (bytes) => bytes === 0)
  })

  test('of many clients at once are waited for, or refused, like its files', async () => {
    const limit = await memory('limit')
    const forms = Array.from({ length: 30 }, () => begin())
    for (const form of forms) for (let n = 0; n < 49; n++) form.field(`text${n}`, 'x'.repeat(64_000))
    await until(memory, (seen) => seen > limit * 0.9)
    assert.ok((await memory()) <= limit)
    const answers = forms.map((form) => text(form.socket))
    // No wait is without end.
    let isOver = false
    Promise.all(answers).then(() => {
      isOver = true
    })
    await until(async () => {
      app.clock.advance(5000)
      return isOver
    })
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1.1 (503|408) /)
    assert.equal(await memory(), 0)
  })

  function begin() {
    const socket: Socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      'POST /api/media HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
    )
    const write = (bytes: Buffer) => {
      socket.write(`${bytes.length.toString(16)}\r\n`)
      socket.write(bytes)
      socket.write('\r\n')
    }
    const part = (disposition: string, bytes: Buffer) => {
      write(Buffer.from(`--B\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`))
      write(bytes)
      write(Buffer.from('\r\n'))
    }
    return {
      socket,
      field: (name: string, value: string) => part(`name="${name}"`, Buffer.from(value)),
      file: (bytes: Buffer) => part('name="file"; filename="a.jpg"', bytes),
      end(): Promise<string> {
        write(Buffer.from('--B--\r\n'))
        socket.write('0\r\n\r\n')
        return text(socket)
      },
    }
  }

  async function memory(of: 'used' | 'limit' = 'used'): Promise<number> {
    const lines = (await app.tintype.metrics()).split('\n')
    const line = lines.find((one) => one.startsWith(`tintype_upload_memory_bytes{of="${of}"}`))
    return Number(line?.split(' ').at(-1))
  }
})
