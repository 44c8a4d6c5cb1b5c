/**
 * Pictures of the gallery's states from a real run, with photos that are made on the spot, into docs/screenshots.
 *
 *     node scripts/screenshots.ts
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { launchBrowser } from '../test/browser/browser.ts'
import { scene } from '../test/gallery/scenes.ts'
import { startProcess } from '../test/support/process.ts'
import { upload } from '../test/support/server.ts'

const target = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const shapes = [
  [1500, 1000],
  [1000, 1500],
  [1600, 1200],
  [1600, 900],
  [1200, 1600],
  [1500, 1500],
  [2400, 800],
] as const
const captions = ['The lake before the storm', null, 'First light', null, null, 'From the hut', null]

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-screenshots-'))
await mkdir(target, { recursive: true })
const server = await startProcess({ TINTYPE_DATA: join(folder, 'data'), UNDO_WINDOW: '2592000' })

/** @param show brings the page to the state */
async function shoot(
  name: string,
  { width, height, dark = false, zoom = 1 }: { width: number; height: number; dark?: boolean; zoom?: number },
  show: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  const context = await browser.browser.newContext({
    viewport: { width: width / zoom, height: height / zoom },
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: width < 600,
    isMobile: width < 600,
  })
  const page = await context.newPage()
  await page.goto(server.url)
  await page.locator('.tile img[data-shown="true"], .empty').first().waitFor()
  await show(page)
  await page.waitForLoadState('networkidle').catch(() => {})
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))))
  const shot = await page.screenshot()
  await writeFile(
    join(target, `${name}.webp`),
    await sharp(shot)
      .resize({ width: Math.min(width, 1200) })
      .webp({ quality: 72 })
      .toBuffer(),
  )
  await context.close()
}

const screen = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const open = async (page: Page, n: number) => {
  await page.locator('.tile-open').nth(n).click()
  await page.locator('.current .frame[data-shown="true"]').waitFor()
}
try {
  await shoot('empty', screen)
  for (let n = 0; n < 36; n++) {
    const [width, height] = shapes[n % shapes.length] ?? [1500, 1000]
    const day = new Date(
      Date.UTC(2026, 9, 24) - Math.floor(n / 5) ** 2 * 9 * 86_400_000 - (n % 3 ? 0 : 86_400_000),
    )
    const name = `IMG_${day.toISOString().slice(0, 10).replaceAll('-', '')}_1${n % 10}${10 + n}00.jpg`
    const caption = captions[n % captions.length]
    const bytes = await scene({ seed: n + 1, width, height })
    await upload(server.url, { name, bytes }, caption ? { caption } : {})
  }
  await shoot('grid', screen)
  await shoot('grid-dark', { ...screen, dark: true })
  await shoot('grid-phone', phone)
  await shoot('grid-360-dark', { width: 360, height: 740, dark: true })
  await shoot('grid-zoomed', { ...screen, zoom: 2 })
  await shoot('photo', screen, (page) => open(page, 2))
  await shoot('photo-phone', phone, (page) => open(page, 0))
  await shoot('photo-sideways', { width: 844, height: 390 }, (page) => open(page, 0))
  await shoot('details-phone-dark', { ...phone, dark: true }, async (page) => {
    await open(page, 0)
    await page.getByRole('button', { name: 'Details' }).click()
  })
  await shoot('selected', screen, async (page) => {
    await page
      .locator('.tile-open')
      .nth(1)
      .click({ modifiers: ['Shift'] })
    await page
      .locator('.tile-open')
      .nth(5)
      .click({ modifiers: ['Shift'] })
    await page.getByText('5 selected').waitFor()
  })
  await shoot('found', screen, async (page) => {
    await page.getByRole('searchbox').fill('lake')
    await page.waitForURL('**/?q=lake')
  })
  await shoot('offline', phone, async (page) => {
    await page.context().setOffline(true)
    await page.locator('.tile-open').nth(3).tap()
    await page.locator('.viewer').waitFor()
    await page.waitForTimeout(500)
  })
  await shoot('deleted', screen, async (page) => {
    await open(page, 6)
    await page.keyboard.press('Delete')
    await page.getByText('Photo deleted.').waitFor()
  })
  await shoot('recently-deleted', phone, async (page) => {
    await page.getByRole('link', { name: 'Recently deleted' }).tap()
    await page.getByText('Restore').first().waitFor()
  })
} finally {
  await server.terminate()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
