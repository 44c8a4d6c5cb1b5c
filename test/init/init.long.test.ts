import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { until } from '../support/until.ts'
import { type App, apps } from './apps.ts'
import { appFolder } from './folder.ts'

const { PATH = '' } = process.env

describe('`tintype init`, and the app takes a photo by its form', { concurrency: 2 }, () => {
  for (const [name, app] of Object.entries(apps))
    test(name, async () => {
      await using folder = await appFolder(app.files)
      const { code, said } = await folder.init('--yes')
      assert.equal(code, 0, said)
      assert.match(said, /0 failed/)
      const again = await folder.init()
      assert.match(again.said, /Nothing is left to write/, again.said)
      if (app.compiled) await compile(folder.run)
      await takesPhoto(folder.path, app)
    })
})

/** Checks its types, by those of the packages as they stand here: in TypeScript. Then the app alone is compiled. */
async function compile(run: (program: string, ...args: string[]) => Promise<unknown>): Promise<void> {
  const tsc = 'typescript/bin/tsc'
  await run(tsc, '--noEmit', '--allowImportingTsExtensions', '--lib', 'es2024,dom,dom.iterable')
  await run(tsc, '--noCheck', '--noResolve')
}

async function takesPhoto(cwd: string, { main, page, mount }: Omit<App, 'files'>): Promise<void> {
  const port = String(await freePort())
  const child = spawn(process.execPath, [main], {
    cwd,
    env: { PATH, PORT: port },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complained = ''
  child.stderr.on('data', (text) => {
    complained += text
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The app has ended: ${complained}`)
  })
  const url = `http://127.0.0.1:${port}`
  try {
    await Promise.race([ended, until(() => fetch(url).catch(() => undefined))])
    const shown = await fetch(url + page)
    assert.match(shown.headers.get('content-type') ?? '', /^text\/html/)
    const html = await shown.text()
    const [, action = ''] =
      /<form action="([^"]+)" method="post" enctype="multipart\/form-data">/.exec(html) ?? []
    assert.equal(action, `${mount}/media`)
    const form = new FormData()
    form.append('file', new File([new Uint8Array(await photo())], 'beach.jpg'))
    const headers = { Accept: 'text/html', Referer: url + page, 'Sec-Fetch-Site': 'same-origin' }
    const sent = await fetch(url + action, { method: 'POST', body: form, headers, redirect: 'manual' })
    assert.deepEqual([sent.status, sent.headers.get('location')], [303, page], await sent.text())
    const { media } = (await (await fetch(url + action)).json()) as MediaPage
    assert.deepEqual(
      media.map((one) => one.name),
      ['beach.jpg'],
    )
    assert.equal((await fetch(media[0]?.urls.thumb ?? '')).headers.get('content-type'), 'image/webp')
  } finally {
    ended.catch(() => {})
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
