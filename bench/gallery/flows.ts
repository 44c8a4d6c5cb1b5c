import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { scene } from '../../test/gallery/scenes.ts'
import { desktop, frameOf, type Gallery, opener, phone, shown } from './galleries.ts'
import { kilo } from './grid.ts'
import { watch, watched } from './watch.ts'

const photos = 60
const screens: Record<string, BrowserContextOptions> = {
  'a desktop, 1440 × 900': desktop,
  'a phone, 390 × 844': phone,
}

/** Rows of a table: the layout shift of what one does, and the bytes of all pictures when 60 photos are looked through. */
export async function measureFlows(
  browser: Browser,
  galleries: Gallery[],
  folder: string,
): Promise<string[]> {
  const files = await Promise.all(Array.from({ length: photos }, (_, n) => photo(n)))
  const rows: string[] = []
  for (const [screen, options] of Object.entries(screens)) {
    for (const gallery of galleries) {
      const server = await gallery.start(join(folder, `flows ${rows.length}`))
      try {
        const context = await browser.newContext(options)
        const page = await context.newPage()
        await watch(page)
        await page.goto(server.url)
        await page.locator('.header input[type=file][multiple]').setInputFiles(files)
        while ((await countOf(page)) < photos) await page.waitForTimeout(500)
        // What the page does when it has heard of the last one.
        await page.waitForTimeout(3000)
        const uploading = (await watched(page)).shifts
        await page.evaluate(() => Object.assign(window, { shifts: 0 }))
        await look(page, gallery)
        const looking = (await watched(page)).shifts
        await context.close()
        const others = await browser.newContext(options)
        // Another visitor first has the sizes made.
        await bytesOf(await others.newPage(), server.url)
        await others.close()
        const fresh = await browser.newContext(options)
        const { first, all } = await bytesOf(await fresh.newPage(), server.url)
        await fresh.close()
        rows.push(
          `| ${screen} | ${gallery.label} | ${uploading.toFixed(3)} | ${looking.toFixed(3)} | ${kilo(first)} | ${kilo(all)} |`,
        )
      } finally {
        await server.terminate()
      }
    }
  }
  return rows
}

const countOf = (page: Page) =>
  page.evaluate(async () => (await (await fetch('/api/media?limit=100')).json()).media.length as number)

async function photo(n: number) {
  const [width, height] = n % 3 === 0 ? [750, 1000] : [1000, 750]
  const picture = await scene({ seed: n + 1, width, height })
  const buffer = await sharp(picture)
    .resize(width * 2)
    .jpeg()
    .toBuffer()
  return { name: `IMG_${n}.jpg`, mimeType: 'image/jpeg', buffer }
}

/** Opens a photo, goes to the next one, deletes it, undoes that, and goes back; as far as the gallery can. */
async function look(page: Page, gallery: Gallery): Promise<void> {
  await page.locator(opener).first().click()
  await page.locator(frameOf(gallery)).waitFor()
  await page.keyboard.press('ArrowRight')
  if (gallery.isEarlier) {
    await page.keyboard.press('Escape')
  } else {
    await page.keyboard.press('Delete')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.goBack()
  }
  await page.locator(shown).first().waitFor()
}

/** Of the pictures: those that one sees at first, and all, when one has scrolled to the end. Two minutes after they were added. */
async function bytesOf(page: Page, url: string): Promise<{ first: number; all: number }> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  const pictures = new Set<string>()
  let bytes = 0
  devtools.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Image') pictures.add(requestId)
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (pictures.has(requestId)) bytes += encodedDataLength
  })
  await page.clock.setSystemTime(Date.now() + 120_000)
  await page.goto(url)
  await page.locator(opener).first().waitFor()
  while (await hasBlank(page)) await page.waitForTimeout(50)
  const first = bytes
  const seen = new Set<string>()
  while (seen.size < photos) {
    for (const id of await page.locator(shown).evaluateAll((tiles) => tiles.map(({ id }) => id))) seen.add(id)
    await page.evaluate(() => {
      const { scrollHeight } = document.documentElement
      // From the top again, for what came too late to be seen.
      if (window.scrollY + window.innerHeight >= scrollHeight - 1) window.scrollTo(0, 0)
      else window.scrollBy(0, 100)
    })
    await page.waitForTimeout(50)
  }
  return { first, all: bytes }
}

/** Whether a tile in the window has no picture yet. */
async function hasBlank(page: Page): Promise<boolean> {
  const ids = await page.locator(shown).evaluateAll((tiles) => tiles.map(({ id }) => id))
  return page.locator(opener).evaluateAll(
    (tiles, done) =>
      tiles.some((tile) => {
        const { top, bottom } = tile.getBoundingClientRect()
        return bottom > 0 && top < window.innerHeight && !done.includes(tile.id)
      }),
    ids,
  )
}
