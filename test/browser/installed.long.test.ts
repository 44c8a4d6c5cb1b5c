/** The gallery as an app on a phone: what Chromium says of its manifest, and what one sees after sharing photos with it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

test('Chromium finds nothing wrong with the manifest, and would install it', { skip }, async () => {
  await using server = await startServer()
  // An incognito window installs nothing, and says so of any page.
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByRole('heading', { name: 'No photos yet' }).waitFor()
  const devtools = await page.context().newCDPSession(page)
  const { url, data = '', errors } = await devtools.send('Page.getAppManifest')
  assert.deepEqual([url, errors], [`${server.url}/manifest.webmanifest`, []])
  assert.equal(JSON.parse(data).display, 'standalone')
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  assert.deepEqual(
    installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'),
    [],
  )
  opened.assertClean()
})

test('who shares photos with it sees what was added, and why the others were not, once', {
  skip,
}, async () => {
  await using server = await startServer()
  const body = new FormData()
  const bytes = await photo({ width: 600, height: 400 })
  body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'beach.jpg')
  body.append('file', new Blob(['only words'], { type: 'image/png' }), 'Müll.png')
  const shared = await fetch(`${server.url}/share-target`, { method: 'POST', redirect: 'manual', body })
  assert.equal(shared.status, 303)
  const [, value = ''] = /^tintype_shared=([\w-]+)/.exec(shared.headers.get('set-cookie') ?? '') ?? []

  await using opened = await openPage(browser, phone)
  const { page } = opened
  await page.context().addCookies([{ name: 'tintype_shared', value, url: server.url }])
  await page.goto(`${server.url}${shared.headers.get('location')}`)
  await seePicture(page, 'Photo: beach.jpg')
  await page.getByText('1 file added, 1 not.').waitFor()
  const tray = page.getByRole('region', { name: 'Not everything was added' })
  await tray.getByText('Müll.png').waitFor()
  await assertAccessible(page)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/shared.png` })
  await page.reload()
  await seePicture(page, 'Photo: beach.jpg')
  assert.equal(await page.getByText('1 file added, 1 not.').count(), 0)
  assert.deepEqual(await page.context().cookies(), [])
  opened.assertClean()
})

test('a phone takes a photo for it, whose upload shows on the icon until it is done', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, phone)
  const { page } = opened
  await page.addInitScript(() => {
    const told: number[] = []
    Object.assign(globalThis, { told })
    Object.assign(Navigator.prototype, {
      setAppBadge: async (waiting: number) => void told.push(waiting),
      clearAppBadge: async () => void told.push(0),
    })
  })
  await page.goto(server.url)
  const camera = page.getByLabel('Take a photo')
  assert.equal(await camera.getAttribute('capture'), 'environment')
  const buffer = await photo({ width: 600, height: 400 })
  await camera.setInputFiles({ name: 'now.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(buffer) })
  await seePicture(page, 'Photo: now.jpg')
  await page.waitForFunction(() => {
    const { told } = globalThis as unknown as { told: number[] }
    return told.includes(1) && told.at(-1) === 0
  })
  await assertAccessible(page)
  opened.assertClean()
})
