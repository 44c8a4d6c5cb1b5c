import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import sharp from 'sharp'
import { scene } from '../../test/gallery/scenes.ts'
import { upload } from '../../test/support/server.ts'
import { frameOf, type Gallery, opener, phone, shown } from './galleries.ts'
import { kilo } from './grid.ts'
import { watch, watched } from './watch.ts'

/** A row: a phone on 1.6 Mbit/s with 150 ms, and photos of 12 megapixels whose sizes have been asked for before. */
export async function measureSlowLine(browser: Browser, gallery: Gallery, folder: string): Promise<string> {
  const server = await gallery.start(join(folder, `slow line ${gallery.label}`))
  try {
    for (let n = 0; n < 8; n++) {
      const bytes = await sharp(await scene({ seed: n + 1, width: 1000, height: 750 }))
        .resize(4000)
        .jpeg({ quality: 88 })
        .toBuffer()
      await upload(server.url, { name: `IMG_${n}.jpg`, bytes })
    }
    const rows: string[] = []
    for (const isSlow of [false, true]) {
      const context = await browser.newContext(phone)
      const { bytes, requests, first, largest, sharp } = await visit(context, server.url, {
        isSlow,
        frame: frameOf(gallery),
      })
      const cells = [
        gallery.label,
        `${kilo(bytes)}, ${requests} requests`,
        ...[first, largest, sharp].map(seconds),
      ]
      rows.push(`| ${cells.join(' | ')} |`)
      await context.close()
    }
    return rows[1] as string
  } finally {
    await server.terminate()
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

/**
 * @returns what a first visit loads, and milliseconds: until the first picture is shown, of the largest paint until all in view
 * are, and from the press on a photo until it is sharp
 */
async function visit(
  context: BrowserContext,
  url: string,
  { isSlow, frame }: { isSlow: boolean; frame: string },
) {
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  let bytes = 0
  let requests = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests++
  })
  if (isSlow) {
    const line = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 }
    await devtools.send('Network.emulateNetworkConditions', line)
  }
  await watch(page)
  const begun = performance.now()
  await page.goto(url)
  await page.locator(shown).first().waitFor({ timeout: 60_000 })
  const first = performance.now() - begun
  await page.locator(shown).nth(7).waitFor({ timeout: 60_000 })
  const visited = { bytes, requests, first, largest: (await watched(page)).largest }
  const pressed = performance.now()
  await page.locator(opener).nth(2).tap()
  await page.locator(frame).waitFor({ timeout: 180_000 })
  return { ...visited, sharp: performance.now() - pressed }
}
