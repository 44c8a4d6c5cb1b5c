/** Other tabs and other devices learn of changes by themselves. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { mediaOf, upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { launchBrowser } from './browser.ts'
import { openPage, seePicture } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

test('what one tab does, another tab and another device show within a moment, signing out too', {
  skip,
}, async () => {
  const token = 'correct horse battery staple'
  await using server = await startServer({ TINTYPE_TOKEN: token })
  await using here = await openPage(browser, {}, /status of 401/)
  await using there = await openPage(browser, {}, /status of 401/)
  for (const { page } of [here, there]) {
    await page.goto(server.url)
    await page.getByLabel('Access token').fill(token)
    await page.getByLabel('Access token').press('Enter')
    await page.getByText('No photos yet').waitFor()
  }
  const tab = await here.page.context().newPage()
  await tab.goto(server.url)
  await tab.getByText('No photos yet').waitFor()

  await here.page.locator('input[type=file]').setInputFiles({
    name: 'tram.png',
    mimeType: 'image/png',
    buffer: await photo({ width: 300, height: 200, type: 'image/png' }),
  })
  for (const page of [tab, there.page]) await seePicture(page, 'Photo: tram.png')
  const [media] = await here.page.evaluate(async () => (await (await fetch('/api/media')).json()).media)
  await here.page.evaluate(
    (id) => fetch(`/api/media/${id}`, { method: 'DELETE' }).then(() => {}),
    media.id as string,
  )
  for (const page of [here.page, tab, there.page]) await page.getByText('No photos yet').waitFor()

  await here.page.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByLabel('Access token').waitFor()
  // Another device has a session of its own.
  assert.equal(await there.page.getByLabel('Access token').count(), 0)
  here.assertClean()
  there.assertClean()
})

test('what arrives or goes while one looks at the top lets the others glide: nothing jumps', {
  skip,
}, async () => {
  await using server = await startServer()
  const send = async (seed: number) =>
    mediaOf(await upload(server.url, { bytes: await photo({ width: 300, height: 200, seed }) }))
  const [first] = [await send(1), await send(2), await send(3)]
  await using opened = await openPage(browser)
  const { page } = opened
  await page.addInitScript(() => {
    const jumps: string[] = []
    Object.assign(window, { jumps })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { sources: { node: Node | null }[] })[])
        for (const { node } of entry.sources)
          if (node?.parentElement?.closest('.rows')) jumps.push(node.nodeName)
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(server.url)
  const tiles = page.locator('.tile img[data-shown="true"]')
  const see = (count: number) =>
    until(
      () => tiles.count(),
      (seen) => seen === count,
    )
  await see(3)
  for (let seed = 4; seed < 10; seed++) await send(seed)
  await see(9)
  await fetch(`${server.url}/api/media/${first?.id}`, { method: 'DELETE' })
  await see(8)
  assert.deepEqual(await page.evaluate(() => (window as unknown as { jumps: string[] }).jumps), [])
  opened.assertClean()
})

test('the list of what was deleted shows what another tab deletes, and not what Undo has brought back', {
  skip,
}, async () => {
  await using server = await startServer()
  for (const n of [1, 2])
    await upload(server.url, {
      name: `${n}.jpg`,
      bytes: await photo({ width: 300, height: 200, seed: n }),
    })
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  for (const n of [1, 2]) await seePicture(page, `Photo: ${n}.jpg`)
  const tab = await page.context().newPage()
  await tab.goto(`${server.url}/removed`)
  await tab.getByText('Nothing was deleted lately.').waitFor()

  await page.getByRole('button', { name: 'Photo: 1.jpg' }).focus()
  await page.keyboard.press('x')
  await page.keyboard.press('Delete')
  await tab.getByRole('button', { name: 'Restore 1.jpg' }).waitFor()
  await page.getByRole('link', { name: 'Recently deleted' }).click()
  await page.getByRole('button', { name: 'Restore 1.jpg' }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  for (const one of [page, tab]) await one.getByText('Nothing was deleted lately.').waitFor()
  opened.assertClean()
})
