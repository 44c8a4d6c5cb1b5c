import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { launchBrowser } from '../browser/browser.ts'
import { openPage, seePicture } from '../browser/page.ts'
import { startServer } from '../support/server.ts'
import { documented } from './documented.ts'
import { freePort, missing, type RunningProxy, startCaddy, startNginx } from './programs.ts'

// Not Playwright's ignoreHTTPSErrors: with it, Chromium may retry a style sheet until ERR_TOO_MANY_RETRIES where
// the processor is busy.
const launched = await launchBrowser(['--ignore-certificate-errors'])
const noBrowser = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const token = 'correct horse battery staple'
/** Quick to make and to decode, as large as they are: the first goes as a form, the second straight to the storage. */
const raw = (width: number) =>
  sharp({ create: { width, height: width, channels: 3, background: '#48a' } })
    .png({ compressionLevel: 0 })
    .toBuffer()

describe('nginx as documented', { skip: missing('nginx', 'openssl') || noBrowser }, () => {
  test('at the root of a host', async () => {
    const [https, http] = [await freePort(), await freePort()]
    await through(`https://localhost:${https}`, (port) =>
      startNginx(
        documented('nginx', 'nginx', [
          ['listen 80', `listen 127.0.0.1:${http}`],
          ['listen 443', `listen 127.0.0.1:${https}`],
          ['server_name photos.example', 'server_name localhost'],
          ['127.0.0.1:3000', `127.0.0.1:${port}`],
        ]),
      ),
    )
  })

  for (const [what, slash] of [
    ['taken off', '/'],
    ['left', ''],
  ]) {
    test(`below a path, which is ${what}`, async () => {
      const https = await freePort()
      await through(`https://localhost:${https}/photos`, (port) =>
        startNginx(
          documented('Below a path', 'nginx', [
            ['listen 443', `listen 127.0.0.1:${https}`],
            ['server_name example.org', 'server_name localhost'],
            ['127.0.0.1:3000/', `127.0.0.1:${port}${slash}`],
          ]),
        ),
      )
    })
  }
})

describe('Caddy as documented', { skip: missing('caddy') || noBrowser }, () => {
  test('at the root of a host', async () => {
    const ports = { https: await freePort(), http: await freePort() }
    await through(`https://localhost:${ports.https}`, (port) => {
      const changes: [string, string][] = [
        ['photos.example', 'localhost'],
        ['127.0.0.1:3000', `127.0.0.1:${port}`],
      ]
      return startCaddy(documented('Caddy', 'caddyfile', changes), ports)
    })
  })

  for (const [what, directive] of [
    ['taken off', 'handle_path'],
    ['left', 'handle'],
  ] as const) {
    test(`below a path, which is ${what}`, async () => {
      const ports = { https: await freePort(), http: await freePort() }
      await through(`https://localhost:${ports.https}/photos`, (port) => {
        const changes: [string, string][] = [
          ['example.org', 'localhost'],
          ['handle_path', directive],
          ['127.0.0.1:3000', `127.0.0.1:${port}`],
        ]
        return startCaddy(documented('Below a path', 'caddyfile', changes), ports)
      })
    })
  }
})

/** Signs in, uploads by form and directly, looks, and uploads without JavaScript, all by the proxy's address. */
async function through(
  publicUrl: string,
  startProxy: (port: number) => Promise<RunningProxy>,
): Promise<void> {
  const server = await startServer({ PUBLIC_URL: publicUrl, TINTYPE_TOKEN: token })
  try {
    await using proxy = await startProxy(server.port)
    try {
      await useGallery(browser, publicUrl)
      await usePlainPage(browser, publicUrl)
    } catch (error) {
      console.error(proxy.said.join('\n'), server.log.slice(-20).join('\n'))
      throw error
    }
  } finally {
    await server.stop()
  }
}

async function useGallery(browser: Browser, url: string): Promise<void> {
  await using opened = await openPage(browser)
  const { page } = opened
  // A browser comes by the address without a slash, too.
  await page.goto(url)
  await page.getByLabel('Access token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByText('No photos yet').waitFor()
  await page.locator('input[type=file]').setInputFiles([
    { name: 'form.png', mimeType: 'image/png', buffer: await raw(1050) },
    { name: 'direct.png', mimeType: 'image/png', buffer: await raw(1750) },
  ])
  await seePicture(page, 'Photo: form.png')
  await seePicture(page, 'Photo: direct.png')
  await page.reload()
  await seePicture(page, 'Photo: direct.png')
  const sources = page
    .locator('.tile img')
    .evaluateAll((all) => all.map((img) => (img as HTMLImageElement).src))
  for (const src of await sources) assert.ok(src.startsWith(`${url}/api/s3/`), src)
  opened.assertClean()
}

async function usePlainPage(browser: Browser, url: string): Promise<void> {
  await using opened = await openPage(browser, { javaScriptEnabled: false }, /status of 401/)
  const { page } = opened
  await page.goto(`${url}/plain`)
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'plain.png', mimeType: 'image/png', buffer: await raw(800) })
  await page.getByLabel('Caption').fill('No script at all')
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByText('No script at all').waitFor()
  assert.equal(page.url(), `${url}/plain`)
  opened.assertClean()
}
