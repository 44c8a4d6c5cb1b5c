import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { scene } from '../../test/gallery/scenes.ts'
import { startProcess } from '../../test/support/process.ts'
import { watch, watched } from './watch.ts'

const photos = 60
const screens: Record<string, BrowserContextOptions> = {
  'a desktop, 1440 × 900': { viewport: { width: 1440, height: 900 } },
  'a phone, 390 × 844': {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
  },
}

/** Rows of a table: the layout shift of what one does, and the bytes of all pictures when 60 photos are looked through. */
export async function measureFlows(browser: Browser, folder: string): Promise<string> {
  const files = await Promise.all(
    Array.from({ length: photos }, async (_, n) => {
      const [width, height] = n % 3 === 0 ? [750, 1000] : [1000, 750]
      const picture = await scene({ seed: n + 1, width, height })
      const buffer = await sharp(picture)
        .resize(width * 2)
        .jpeg()
        .toBuffer()
      return { name: `IMG_${n}.jpg`, mimeType: 'image/jpeg', buffer }
    }),
  )
  const rows: string[] = []
  for (const [name, options] of Object.entries(screens)) {
    const server = await startProcess({
      TINTYPE_DATA: join(folder, `flows ${rows.length}`),
      UNDO_WINDOW: '3600',
    })
    try {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      await watch(page)
      await page.goto(server.url)
      await page.locator('.header input[type=file][multiple]').setInputFiles(files)
      await page.getByText(`${photos} files added`, { exact: true }).first().waitFor({ timeout: 300_000 })
      const uploading = (await watched(page)).shifts
      await page.evaluate(() => Object.assign(window, { shifts: 0 }))
      await look(page)
      const looking = (await watched(page)).shifts
      await context.close()
      const others = await browser.newContext(options)
      // Another visitor first has the sizes made.
      await bytesOf(await others.newPage(), server.url)
      await others.close()
      const fresh = await browser.newContext(options)
      const { first, all } = await bytesOf(await fresh.newPage(), server.url)
      await fresh.close()
      const kilo = (bytes: number) => `${Math.round(bytes / 1000)} kB`
      rows.push(
        `| ${name} | ${uploading.toFixed(3)} | ${looking.toFixed(3)} | ${kilo(first)} | ${kilo(all)} |`,
      )
    } finally {
      await server.terminate()
    }
  }
  return rows.join('\n')
}

/** Opens a photo, goes to the next one, deletes it, undoes that, and goes back. */
async function look(page: Page): Promise<void> {
  await page.locator('.tile-open').first().click()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.goBack()
  await page.locator('.tile img[data-shown="true"]').first().waitFor()
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
  await page.locator('.rows[aria-busy="false"] .tile').first().waitFor()
  await page.locator('.tile-open:not(:has(img[data-shown="true"]))').first().waitFor({ state: 'detached' })
  const first = bytes
  const seen = new Set<string>()
  while (seen.size < photos) {
    for (const id of await page
      .locator('.tile-open:has(img[data-shown="true"])')
      .evaluateAll((tiles) => tiles.map(({ id }) => id)))
      seen.add(id)
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
