import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { createTintype, refuse } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'

const gallery = dirname(fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html')))
const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched

test('the gallery says that files are being checked, and what came of it', { skip }, async () => {
  if (typeof launched === 'string') return
  await using stack = new AsyncDisposableStack()
  stack.use(launched)
  const directory = await mkdtemp(join(tmpdir(), 'tintype-scan-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const scanned = Promise.withResolvers<void>()
  const tintype = await createTintype({
    directory,
    authenticate: () => 'me',
    log: { info() {}, warn() {}, error() {} },
    times: { scanAnswer: 1 },
    hooks: {
      async scan({ name }) {
        await scanned.promise
        if (name === 'worm.jpg') throw refuse('This file holds a worm.', { code: 'infected' })
      },
    },
  })
  stack.defer(() => tintype.close())
  const app = express()
    .get('/session', (_req, res) => void res.json({ required: false, signedIn: true }))
    .use('/api', tintype.router)
    .use(express.static(gallery))
  const server = app.listen(0, '127.0.0.1')
  stack.defer(() => {
    scanned.resolve()
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')

  const opened = stack.use(await openPage(launched.browser, { viewport: { width: 390, height: 844 } }))
  const { page } = opened
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const files = await Promise.all(
    ['beach.jpg', 'worm.jpg'].map(async (name, i) => ({
      name,
      mimeType: 'image/jpeg',
      buffer: await photo({ width: 800 + i, height: 600 }),
    })),
  )
  const answered = page.waitForResponse((response) => response.status() === 202)
  await page.locator('input[type=file]').first().setInputFiles(files)
  await answered
  await page.getByRole('heading', { name: 'Checking 2 files' }).waitFor()
  await page.getByText('Being checked…').nth(1).waitFor()
  await page.getByRole('button', { name: /^Pause/ }).waitFor({ state: 'detached' })

  scanned.resolve()
  await seePicture(page, 'Photo: beach.jpg')
  await page.getByText('This file holds a worm.').waitFor()
  await page.getByRole('heading', { name: '1 file failed' }).waitFor()
  opened.assertClean()
})
