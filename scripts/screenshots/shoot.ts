import { writeFile } from 'node:fs/promises'
import type { Browser, Cookie, Page } from 'playwright-core'
import sharp from 'sharp'

export interface Look {
  width: number
  height: number
  dark?: boolean
  zoom?: number
  /** Of WebP. @default 70, legible in a README, and small */
  quality?: number
  /** Of somebody who is signed in. */
  cookie?: Pick<Cookie, 'name' | 'value'>
}

export const screen = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

/** Pixels. */
const widest = 1200

/**
 * @param address what is opened
 * @param show brings the page to the state
 */
export async function shoot(
  browser: Browser,
  file: string,
  address: string,
  { width, height, dark = false, zoom = 1, quality = 70, cookie }: Look,
  show: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: width / zoom, height: height / zoom },
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: width < 600,
    isMobile: width < 600,
  })
  if (cookie) await context.addCookies([{ ...cookie, url: new URL(address).origin }])
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(address)
  await page.locator('h1').first().waitFor()
  await show(page)
  await page
    .waitForFunction(() =>
      [...document.images].every(
        (image) => image.complete || image.getBoundingClientRect().top > innerHeight,
      ),
    )
    .catch(() => {})
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))))
  const shot = sharp(await page.screenshot()).resize({ width: Math.min(width, widest) })
  await writeFile(file, await shot.webp({ quality, effort: 6 }).toBuffer())
  await context.close()
}
