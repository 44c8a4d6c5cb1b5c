/** Drags in Firefox that end outside of the window, or without a word. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TintypeImage } from '../../packages/client/src/element/image.ts'
import { startServer, type TestServer } from '../browser/server.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { type FirefoxPage, launchFirefox, named } from './firefox.ts'
import { startFramed } from './framed.ts'

const launched = await launchFirefox()
const skip = typeof launched === 'string' && launched
const firefox = launched as Exclude<typeof launched, string>
let server: TestServer
/** Where the frame begins, across and down. */
const frame = 100

before(async () => {
  if (skip) return
  server = await startServer()
  for (let n = 0; n < 3; n++) {
    const bytes = await photo({ width: 1200, height: 800, seed: n + 1 })
    assert.equal((await upload(server.url, { name: `${n}.jpg`, bytes })).status, 201)
  }
})
after(async () => {
  await server?.[Symbol.asyncDispose]()
  if (!skip) await firefox[Symbol.asyncDispose]()
})

async function openFramed(url: string) {
  const page = await firefox.newPage()
  await page.setViewport({ width: 1200, height: 800 })
  await page.goto(url)
  const count = (selector: string) =>
    page.evaluate(
      (selector: string) =>
        document.querySelector('iframe')?.contentDocument?.querySelectorAll(selector).length ?? 0,
      selector,
    )
  const drawn = () =>
    page.evaluate(() => {
      const all = document.querySelector('iframe')?.contentDocument?.querySelectorAll('.tile tintype-image')
      return [...(all ?? [])].filter((one) => (one as TintypeImage).complete).length
    })
  await until(async () => (await drawn()) === 3)
  return { page, count }
}

test('a rectangle ends with the press, wherever that ends', { skip }, async () => {
  await using framed = await startFramed(server.url)
  const { page, count } = await openFramed(framed.url)
  const { mouse } = page
  const y = frame + 200
  // Out at once, from the very edge.
  await mouse.move(frame + 2, y)
  await mouse.down()
  await mouse.move(frame - 50, y)
  await mouse.up()
  await mouse.move(frame + 300, y + 20, { steps: 5 })
  await settle(page)
  assert.deepEqual([await count('.marquee'), await count('.selection-bar')], [0, 0])
  // In the midst of it.
  await mouse.move(frame + 10, y)
  await mouse.down()
  await mouse.move(frame + 80, y + 20, { steps: 4 })
  await until(async () => (await count('.marquee')) === 1)
  await mouse.move(frame - 50, y + 40, { steps: 4 })
  await mouse.up()
  await until(async () => (await count('.marquee')) === 0)
  await mouse.move(frame + 300, y + 20, { steps: 5 })
  await settle(page)
  assert.equal(await count('.marquee'), 0)
})

test('a photo that is zoomed stays where it was let go', { skip }, async () => {
  await using framed = await startFramed(server.url)
  const { page, count } = await openFramed(framed.url)
  const { mouse, keyboard } = page
  await mouse.move(frame + 100, frame + 200)
  await mouse.down()
  await mouse.up()
  await until(async () => (await count('.current .frame[data-shown="true"]')) === 1)
  for (let n = 0; n < 4; n++) await keyboard.press('+')
  const transform = () =>
    page.evaluate(
      () =>
        document.querySelector('iframe')?.contentDocument?.querySelector<HTMLElement>('.current .frame')
          ?.style.transform,
    )
  await mouse.move(frame + 3, frame + 300)
  await mouse.down()
  await mouse.move(frame - 60, frame + 300)
  await mouse.up()
  const before = await transform()
  assert.match(before ?? '', /scale/)
  await mouse.move(frame + 500, frame + 250, { steps: 5 })
  await settle(page)
  assert.equal(await transform(), before)
})

test('files that are dragged over the page show where they go, and no more once the drag is over', {
  skip,
}, async () => {
  const page = await firefox.newPage()
  await page.setViewport({ width: 1200, height: 800 })
  await page.goto(server.url)
  await page.locator(named('button', 'Photo: 0.jpg')).wait()
  // A drag of Firefox's own, of a file, of which the page doesn't know that it began within it.
  await page.evaluate(() => {
    const source = Object.assign(document.createElement('div'), { draggable: true })
    source.style.cssText = 'position: fixed; z-index: 9; left: 300px; top: 600px; width: 60px; height: 60px'
    source.ondragstart = (event) => {
      event.stopPropagation()
      event.dataTransfer?.items.add(new File(['x'], 'x.png', { type: 'image/png' }))
    }
    document.body.append(source)
  })
  const shown = () =>
    page.evaluate(() => {
      const root = document.querySelector('tintype-drop')?.shadowRoot
      return root?.querySelector('[part=overlay]')?.hasAttribute('data-over') === true
    })
  const { mouse } = page
  await mouse.move(320, 620)
  await mouse.down()
  await mouse.move(340, 600, { steps: 4 })
  await mouse.move(500, 300, { steps: 8 })
  await until(shown)
  await mouse.move(500, 30, { steps: 8 })
  assert.equal(await shown(), true, 'from one element to another it stays')
  // Nothing is told of its end.
  await until(async () => !(await shown()))
  await mouse.up()
})

/** What a moving mouse has done is drawn by then. */
const settle = (page: FirefoxPage) =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
  )
