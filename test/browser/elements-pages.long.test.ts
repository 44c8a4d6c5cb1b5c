/** The web components in pages that do with them what they do with other elements. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { TintypeImage } from '../../packages/client/src/element/image.ts'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { openElements } from './own-elements.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const server = skip ? (null as never) : await startServer()
after(async () => {
  if (typeof launched === 'string') return
  await server[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

const png = async (name: string) => ({
  name,
  mimeType: 'image/png',
  buffer: Buffer.from(await photo({ width: 60, height: 40, type: 'image/png' })),
})

test('what a page sets before the elements are loaded is not lost', { skip }, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  const body =
    '<!doctype html><html lang="en"><title>Mine</title><tintype-drop id="drop"></tintype-drop><tintype-uploads for="drop">'
  await page.route('**/late.html', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto(`${server.url}/late.html`)
  await page.evaluate(async () => {
    const drop = document.querySelector('tintype-drop')
    const list = document.querySelector('tintype-uploads')
    Object.assign(drop ?? {}, { texts: { choose: 'Mine' }, headers: { 'X-Mine': 'yes' } })
    Object.assign(list ?? {}, { texts: { done: 'There' } })
    const demo = '/demo.js'
    await import(demo)
  })
  const sent = page.waitForRequest((request) => request.method() === 'POST')
  await page.getByLabel('Mine').setInputFiles(await png('early.png'))
  assert.equal((await sent).headers()['x-mine'], 'yes')
  await page.getByText('There').waitFor()
  opened.assertClean()
})

test('a list finds its drop in the shadow tree that both stand in', { skip }, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  await page.evaluate(() => {
    const host = document.body.appendChild(document.createElement('div'))
    const root = host.attachShadow({ mode: 'open' })
    root.append(...document.querySelectorAll('tintype-drop, tintype-uploads'))
  })
  await page.locator('tintype-drop input').setInputFiles(await png('inside.png'))
  await page.getByRole('listitem').filter({ hasText: 'inside.png' }).getByText('Added').waitFor()
  await page.getByRole('button', { name: 'Dismiss inside.png' }).press('Enter')
  await page.locator('tintype-drop input:focus').waitFor({ state: 'attached' })
  opened.assertClean()
})

test('the button has its words again when the page takes its own away', { skip }, async () => {
  await using opened = await openElements(browser, server)
  const { page } = opened
  const button = page.locator('tintype-drop [part=button]')
  await button.getByText('Choose photos and videos').waitFor()
  await page.locator('tintype-drop').evaluate((drop) => {
    drop.innerHTML = '<span slot="button">Mine</span>'
  })
  await button.getByText('Choose photos and videos').waitFor({ state: 'detached' })
  await page.locator('tintype-drop').evaluate((drop) => drop.replaceChildren())
  await button.getByText('Choose photos and videos').waitFor()
  opened.assertClean()
})

test('a picture whose place shows the next best one is not asked for without end, and none is shown of no media', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, {}, {}, /403/)
  const { page } = opened
  await page.route('**/expired/**', (route) => route.fulfill({ status: 403 }))
  await page.locator('tintype-drop input').setInputFiles(await png('tram.png'))
  await page.locator('tintype-image').waitFor()
  const told = await page.evaluate(async () => {
    const image = document.querySelector('tintype-image')
    if (!image?.media) return
    const { urls, ...media } = image.media
    image.setAttribute('endpoint', '/expired')
    let asked = 0
    let told = 0
    // Each address is another one, as those of a store that signs anew.
    const asks = () => {
      const { original } = urls
      asked++
      image.media = {
        ...media,
        urls: { original, poster: `${original}#${asked}`, thumb: `/expired/${asked}` },
      }
    }
    const picture = image.shadowRoot?.querySelector('img')
    const shown = () => new Promise((resolve) => picture?.addEventListener('load', resolve, { once: true }))
    image.addEventListener('stale', () => told++)
    for (let n = 0; n < 3; n++) {
      const loaded = shown()
      asks()
      await loaded
    }
    image.media = undefined
    return { told, pictures: image.shadowRoot?.querySelectorAll('img').length, current: image.currentSrc }
  })
  assert.deepEqual(told, { told: 1, pictures: 0, current: '' })
  opened.assertClean()
})

test('the preview of a new photo is its thumbnail, of an older one a blur, and both go; without any picture that is told', {
  skip,
}, async () => {
  await using opened = await openElements(browser, server, {}, {}, /404/)
  const { page } = opened
  await page.locator('tintype-drop input').setInputFiles(await png('tram.png'))
  const image = page.locator('tintype-image')
  const preview = image.locator('[part=placeholder]')
  await image.locator('img[data-shown=true]').waitFor()
  await preview.waitFor({ state: 'detached' })
  assert.equal(await image.evaluate((one) => (one as TintypeImage).complete), true)
  const seen = await image.evaluate((element) => {
    const image = element as TintypeImage
    const { media } = image
    if (!media) return []
    return [media.createdAt, '2001-01-01T00:00:00Z'].map((createdAt, index) => {
      // Another one: what is shown is no picture of it.
      image.media = { ...media, createdAt: createdAt ?? '', id: `${media.id}${index}` }
      const preview = image.shadowRoot?.querySelector<HTMLElement>('[part=placeholder]')
      const { backgroundImage = '' } = preview?.style ?? {}
      return [image.complete, /thumb\.webp/.test(backgroundImage), /data:image/.test(backgroundImage)]
    })
  })
  assert.deepEqual(seen, [
    [false, true, true],
    [false, false, true],
  ])
  const isTold = await image.evaluate(async (element) => {
    const image = element as TintypeImage
    if (!image.media) return
    image.media = { ...image.media, kind: 'video', urls: { original: '/nothing' } }
    return new Promise((resolve) =>
      image.addEventListener('error', () => resolve(image.complete), { once: true }),
    )
  })
  assert.equal(isTold, false)
  opened.assertClean()
})
