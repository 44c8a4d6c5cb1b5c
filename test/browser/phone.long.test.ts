import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Locator } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { launchBrowser } from './browser.ts'
import { assertFits } from './fits.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const boxOf = async (one: Locator) => {
  const box = await one.boundingBox()
  assert.ok(box, 'it is not drawn')
  return { ...box, right: box.x + box.width, bottom: box.y + box.height }
}

for (const width of [320, 390])
  test(`on a page ${width} pixels wide, nothing that can be pressed is cut off or covered, and Undo undoes what its line tells`, {
    skip,
  }, async () => {
    await using server = await startServer()
    for (let n = 0; n < 4; n++) {
      const bytes = await photo({ width: 600, height: 400, seed: n + 1 })
      assert.equal((await upload(server.url, { name: `${n}.jpg`, bytes })).status, 201)
    }
    await using opened = await openPage(
      browser,
      { viewport: { width, height: 800 } },
      /net::ERR|status of 415/,
    )
    const { page } = opened
    await page.goto(server.url)
    // All of them: a picture that is still on its way when its photo is deleted is a 404.
    for (let n = 0; n < 4; n++) await seePicture(page, `Photo: ${n}.jpg`)
    await page.locator('input[type=file]').setInputFiles(
      ['a.txt', 'b.txt'].map((name) => ({
        ...{ name: `${name}.png`, mimeType: 'image/png', buffer: Buffer.from(`only words: ${name}`) },
      })),
    )
    const tray = page.getByRole('region', { name: '2 files failed' })
    await tray.waitFor()

    await page.getByRole('button', { name: 'Photo: 3.jpg' }).focus()
    await page.keyboard.press('x')
    await page.keyboard.press('Shift+ArrowRight')
    const bar = page.getByRole('region', { name: 'Selected' })
    await bar.getByText('2 selected').waitFor()
    for (const button of await bar.getByRole('button').all())
      assert.ok((await boxOf(button)).right <= width, `cut off: ${await button.textContent()}`)
    const isWhole = await bar.getByRole('status').evaluate((one) => one.scrollWidth <= one.clientWidth)
    assert.ok(isWhole, 'how many are selected is cut off')

    await bar.getByRole('button', { name: 'Delete' }).click()
    const toast = page.getByRole('status').filter({ hasText: '2 photos deleted.' })
    await toast.waitFor()
    // A moment after the line has come.
    await until(async () => (await boxOf(tray)).bottom <= (await boxOf(toast)).y)

    // Another deletion fails: its line offers nothing about the one before.
    await page.route(/\/api\/media\Wdelete/, (route) => route.abort())
    await page.getByRole('button', { name: 'Photo: 1.jpg' }).focus()
    await page.keyboard.press('x')
    await bar.getByText('1 selected').waitFor()
    await bar.getByRole('button', { name: 'Delete' }).click()
    const alert = page.getByRole('alert').filter({ hasText: '1 file could not be deleted' })
    await alert.waitFor()
    await until(async () => (await boxOf(tray)).bottom <= (await boxOf(alert)).y)
    assert.equal(await alert.getByRole('button', { name: 'Undo' }).count(), 0)
    await page.unrouteAll()

    // What was restored or deleted for good in the list is nothing to undo any more.
    await page.goto(`${server.url}/removed`)
    const restore = page.getByRole('button', { name: 'Restore 3.jpg' })
    await restore.waitFor()
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
    const line = page.getByRole('status').filter({ hasText: '2 photos deleted.' })
    const last = page.locator('.removed li').last()
    await until(
      async () => [(await boxOf(last)).bottom, (await boxOf(line)).y],
      ([bottom = 0, top = 0]) => bottom <= top,
    )
    await restore.click()
    await page.getByText('Photo deleted.').waitFor()
    await page.getByRole('button', { name: 'Restore 2.jpg' }).click()
    await page.getByText('Nothing was deleted lately.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0)
    await page.reload()
    await page.getByText('Nothing was deleted lately.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0)
    opened.assertClean()
  })

test('the search key of a phone puts its keyboard away, which would cover what was found', {
  skip,
}, async () => {
  await using server = await startServer()
  await upload(server.url, { name: 'lake.jpg', bytes: await photo({ width: 600, height: 400 }) })
  const viewport = { width: 390, height: 844 }
  await using opened = await openPage(browser, { viewport, hasTouch: true, isMobile: true })
  const { page } = opened
  await page.goto(server.url)
  const field = page.getByRole('searchbox')
  await field.tap()
  await page.keyboard.type('lake')
  // The words are seen: there are other ways to all photos, and to the camera's.
  assert(((await field.boundingBox())?.width ?? 0) > 200)
  await page.keyboard.press('Enter')
  await page.locator('body:not(:has(:focus))').waitFor()
  await seePicture(page, 'Photo: lake.jpg')
  assert.equal(new URL(page.url()).search, '?q=lake')
  opened.assertClean()
})

test('files that were refused are not kept to be sent again at the next visit', { skip }, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, {}, /status of 4(00|15)/)
  const { page } = opened
  await page.goto(server.url)
  await page.locator('input[type=file]').setInputFiles([
    { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('only words') },
    { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
  ])
  await page.getByRole('region', { name: '2 files failed' }).waitFor()
  const kept = () =>
    page.evaluate(async () => {
      type Folder = { values(): AsyncIterable<Folder & { kind: string }> }
      const { storage } = (
        globalThis as unknown as { navigator: { storage: { getDirectory(): Promise<Folder> } } }
      ).navigator
      let files = 0
      const walk = async (folder: Folder) => {
        for await (const one of folder.values())
          if (one.kind === 'file') files++
          else await walk(one)
      }
      await walk(await storage.getDirectory())
      return files
    })
  await until(kept, (files) => files === 0)
  opened.assertClean()
})

test('a folded tray says why nothing of it was added', { skip }, async () => {
  await using server = await startServer({ QUOTA_MEDIA: '1' })
  const bytes = await photo({ width: 600, height: 400 })
  assert.equal((await upload(server.url, { name: 'only.jpg', bytes })).status, 201)
  const viewport = { width: 360, height: 740 }
  await using opened = await openPage(browser, { viewport, hasTouch: true, isMobile: true }, /status of 403/)
  const { page } = opened
  await page.goto(server.url)
  await seePicture(page, 'Photo: only.jpg')
  const files = await Promise.all(
    Array.from({ length: 3 }, async (_, n) => ({
      ...{ name: `${n}.jpg`, mimeType: 'image/jpeg' },
      buffer: Buffer.from(await photo({ width: 600, height: 400, seed: n + 2 })),
    })),
  )
  await page.locator('.header input[type=file][multiple]').first().setInputFiles(files)
  await page.getByRole('region', { name: '3 files failed' }).waitFor()
  await page.getByRole('button', { name: 'Show the files' }).waitFor()
  await page.locator('tintype-uploads header').getByText('Delete some first.').waitFor()
  await assertFits(page)
  opened.assertClean()
})

test('a finger that rests on the corner of a photo selects it, and lifting it leaves it selected', {
  skip,
}, async () => {
  await using server = await startServer()
  const bytes = await photo({ width: 600, height: 400 })
  assert.equal((await upload(server.url, { name: 'corner.jpg', bytes })).status, 201)
  const viewport = { width: 390, height: 800 }
  await using opened = await openPage(browser, { viewport, hasTouch: true, isMobile: true })
  const { page } = opened
  await page.goto(server.url)
  await seePicture(page, 'Photo: corner.jpg')
  const { x, y } = await boxOf(page.getByRole('button', { name: 'Photo: corner.jpg' }))
  const touch = await page.context().newCDPSession(page)
  await touch.send('Input.dispatchTouchEvent', {
    type: 'touchStart',
    touchPoints: [{ x: x + 20, y: y + 20 }],
  })
  await page.getByText('1 selected').waitFor()
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  // What the finger did is done when a later press is.
  await page.getByRole('button', { name: 'Add to album' }).tap()
  await page.getByRole('dialog', { name: 'Add 1 photo to an album' }).waitFor()
  await page.getByText('1 selected').waitFor()
  opened.assertClean()
})

test('a tray that is folded pauses and goes on by one press, which keeps the focus, and cancels by two', {
  skip,
}, async () => {
  await using server = await startServer()
  const viewport = { width: 360, height: 780 }
  await using opened = await openPage(browser, { viewport, hasTouch: true, isMobile: true }, /net::ERR/)
  const { page } = opened
  await page.route(/\/api\/media$/, (route) =>
    route.request().method() === 'POST' ? undefined : route.continue(),
  )
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const files = Array.from({ length: 20 }, (_, n) => ({
    ...{ name: `${n}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.alloc(1000, n + 1) },
  }))
  await page.locator('.header input[type=file][multiple]').first().setInputFiles(files)
  const tray = page.getByRole('region', { name: 'Uploading 20 files' })
  const fold = page.getByRole('button', { name: 'Show the files' })
  await fold.waitFor()
  const pause = tray.getByRole('button', { name: 'Pause all' })
  const [button, line] = [await boxOf(pause), await boxOf(fold)]
  assert.ok(Math.min(button.width, button.height) >= 44, 'it is too small for a finger')
  assert.ok(Math.abs(button.y - line.y) < 2 && button.right <= line.x + 1, 'they are not side by side')
  await pause.press('Enter')
  const resume = page.getByRole('button', { name: 'Resume all' })
  await resume.and(page.locator(':focus')).waitFor()
  await resume.tap()
  await tray.waitFor()
  assert.equal(await page.getByRole('button', { name: 'Cancel all' }).count(), 0)
  await fold.tap()
  await page.getByRole('button', { name: 'Cancel all' }).tap()
  await page.locator('tintype-uploads section').waitFor({ state: 'detached' })
  opened.assertClean()
})
