// npm run site -- --look: how heavy the built site is on a slow line, and pictures of it, in Chromium.
import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../test/browser/browser.ts'

const slow = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
}

/**
 * Prints what each of these pages loads and when it can be read, on a line of 1.6 Mbit/s with 150 ms of latency, without a cache.
 * The time is that of this machine, too.
 * @throws Error where one is over 200 kB
 */
export async function measure(url: string, pages: readonly string[]): Promise<void> {
  await using launched = await launch()
  const over: string[] = []
  for (const path of pages) {
    const page = await launched.browser.newPage({ viewport: { width: 390, height: 844 } })
    const { bytes, painted } = await load(page, url + path)
    const kilobytes = Math.round(bytes / 1000)
    console.log(`${path}: ${kilobytes} kB, text after ${Math.round(painted)} ms`)
    if (kilobytes > 200) over.push(path)
    await page.close()
  }
  if (over.length > 0) throw new Error(`Over 200 kB: ${over.join(', ')}`)
}

/** Pictures of pages, on a wide and a narrow screen, light and dark, into a folder. */
export async function pictures(url: string, paths: readonly string[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await using launched = await launch()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const page = await launched.browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      for (const path of paths) {
        await page.goto(url + path, { waitUntil: 'networkidle' })
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (wide > 0) console.log(`${path} is ${wide} px too wide at ${width} px`)
        const name = path.replace(/\.html$/, '').replaceAll('/', '-') || 'home'
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` })
      }
      await page.close()
    }
  }
}

/** @throws Error with the reason where there is none */
async function launch() {
  const browser = await launchBrowser()
  if (typeof browser === 'string') throw new Error(browser)
  return browser
}

async function load(page: Page, url: string) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', slow)
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await page.goto(url, { waitUntil: 'load' })
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
  )
  await page.waitForLoadState('networkidle')
  return { bytes, painted }
}
