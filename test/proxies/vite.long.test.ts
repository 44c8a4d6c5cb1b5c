import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Media } from '@tintype/protocol'
import express from 'express'
import sharp from 'sharp'
import { createServer as createVite, type ViteDevServer } from 'vite'
import { createTintype } from '../../packages/tintype/src/tintype.ts'
import { launchBrowser } from '../browser/browser.ts'
import { openPage } from '../browser/page.ts'
import { buildClient, clientPage } from '../support/client-page.ts'
import { documented } from './documented.ts'
import { freePort } from './programs.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const heading = "Vite's dev server, before an app of yours"
/** Above what goes as a form. */
const picture = sharp({ create: { width: 1750, height: 1750, channels: 3, background: '#48a' } })
  .png({ compressionLevel: 0 })
  .toBuffer()

describe("a page on Vite's port", { skip }, () => {
  let script: string
  before(async () => {
    script = await buildClient()
  })

  test('uploads and sees pictures by the documented proxy', async () => {
    await using app = await startApp([])
    await using vite = await startVite(script, await freePort(), (config) =>
      config.replaceAll('4000', app.port),
    )
    await uploadFrom(vite.url, '/api', `${vite.url}/api/s3/`)
  })

  test('does so by the short form, where its origin is named', async () => {
    const port = await freePort()
    await using app = await startApp([`http://localhost:${port}`])
    await using vite = await startVite(script, port, (config) =>
      config.replace(/\{ target: ('[^']*'), changeOrigin: false \}/, '$1').replaceAll('4000', app.port),
    )
    await uploadFrom(vite.url, '/api', `http://127.0.0.1:${app.port}/api/s3/`)
  })

  test('does so without a proxy, where its origin is named', async () => {
    const port = await freePort()
    await using app = await startApp([`http://localhost:${port}`])
    await using vite = await startVite(script, port, () => 'export default {}')
    await uploadFrom(vite.url, `http://localhost:${app.port}/api`, `http://localhost:${app.port}/api/s3/`)
  })
})

async function startApp(origins: string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-vite-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ directory, authenticate: () => 'me', origins, log })
  const server = createServer(express().use('/api', tintype.router))
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    port: String((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await tintype.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** Below node_modules, where the configuration finds Vite. */
async function startVite(script: string, port: number, change: (config: string) => string) {
  const root = await mkdtemp(fileURLToPath(new URL('../../node_modules/.test-vite-', import.meta.url)))
  await writeFile(join(root, 'index.html'), clientPage)
  await writeFile(join(root, 'client.js'), script)
  await writeFile(join(root, 'picture.png'), await picture)
  const configFile = join(root, 'vite.config.ts')
  await writeFile(configFile, change(documented(heading, 'ts', [])))
  const vite: ViteDevServer = await createVite({
    root,
    configFile,
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    server: { port, strictPort: true },
  })
  await vite.listen()
  return {
    url: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      await vite.close()
      await rm(root, { recursive: true })
    },
  }
}

async function uploadFrom(url: string, endpoint: string, storage: string): Promise<void> {
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(url)
  await page.waitForFunction(() => 'upload' in globalThis)
  const { media, width } = await page.evaluate(async (endpoint) => {
    const { upload } = globalThis as unknown as { upload(file: File, options: object): Promise<unknown> }
    const file = new File([await (await fetch('/picture.png')).blob()], 'a.png', { type: 'image/png' })
    const media = (await upload(file, { endpoint })) as Media
    const image = Object.assign(new Image(), { src: media.urls.thumb })
    await image.decode()
    return { media, width: image.naturalWidth }
  }, endpoint)
  assert.ok(media.urls.original.startsWith(storage), media.urls.original)
  assert.equal(width, 320)
  opened.assertClean()
}
