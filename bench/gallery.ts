/**
 * What the gallery's page holds and loads, with 2,000 and with 100,000 photos; and how soon a photo is sharp on a slow line.
 *
 *     npm run bench:gallery              writes docs/performance-gallery.md (3 minutes)
 *     npm run bench:gallery -- --quick   2,000 photos alone, and writes nothing
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import sharp from 'sharp'
import { launchBrowser } from '../test/browser/browser.ts'
import { fillLibrary } from '../test/gallery/many-photos.ts'
import { scene } from '../test/gallery/scenes.ts'
import { startProcess } from '../test/support/process.ts'
import { upload } from '../test/support/server.ts'
import { measureFlows } from './gallery/flows.ts'
import { framesOf, heapOf, watch, watched } from './gallery/watch.ts'

const isQuick = process.argv.includes('--quick')
const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-gallery-'))
try {
  const lines: string[] = []
  for (const photos of isQuick ? [2000] : [2000, 100_000]) lines.push(await measureGrid(photos))
  const sharpness = await measureSharpness()
  const flows = await measureFlows(browser.browser, folder)
  const text = report(lines, sharpness, flows)
  console.log(text)
  if (!isQuick) await writeFile(new URL('../docs/performance-gallery.md', import.meta.url), text)
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function measureGrid(photos: number): Promise<string> {
  const data = join(folder, String(photos))
  await (await startProcess({ TINTYPE_DATA: data })).terminate()
  await fillLibrary(join(data, 'tintype.db'), photos)
  const server = await startProcess({ TINTYPE_DATA: data })
  const context = await browser.browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const picture = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#789' } })
      .webp()
      .toBuffer()
    await context.route(/\/image\?|\/s3\//, (route) =>
      route.fulfill({ body: picture, contentType: 'image/webp' }),
    )
    const page = await context.newPage()
    await watch(page)
    const begun = performance.now()
    const timeline = page.waitForResponse(/\/api\/timeline/)
    await page.goto(server.url)
    await page.locator('.tile img[data-shown="true"]').first().waitFor()
    const first = performance.now() - begun
    const outline = (await (await timeline).body()).length
    await page.locator('.rows[aria-busy="false"]').waitFor()
    const whole = performance.now() - begun
    const { largest } = await watched(page)
    const heapBefore = await heapOf(page)
    let most = 0
    for (let step = 1; step <= 40; step++) {
      await page.evaluate(
        (part) => window.scrollTo(0, document.documentElement.scrollHeight * part),
        step / 40,
      )
      await page.waitForTimeout(120)
      most = Math.max(most, await page.evaluate(() => document.querySelectorAll('*').length))
    }
    await page.locator('.tile img[data-shown="true"]').first().waitFor()
    const heapAfter = await heapOf(page)
    const frames = await framesOf(page)
    const { shifts } = await watched(page)
    return `| ${photos.toLocaleString('en')} | ${Math.round(first)} ms | ${Math.round(largest)} ms | ${Math.round(whole)} ms | ${kilo(outline)} | ${most} | ${mega(heapBefore)} | ${mega(heapAfter)} | ${frames} | ${shifts.toFixed(3)} |`
  } finally {
    await context.close()
    await server.terminate()
  }
}

interface Sharpness {
  visit: number
  requests: number
  sharp: number
}

/** A phone on 1.6 Mbit/s with 150 ms, and photos of 12 megapixels whose sizes have been asked for before. */
async function measureSharpness(): Promise<Sharpness> {
  const server = await startProcess({ TINTYPE_DATA: join(folder, 'sharp') })
  const phone = {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
  }
  try {
    for (let n = 0; n < 8; n++) {
      const bytes = await sharp(await scene({ seed: n + 1, width: 1000, height: 750 }))
        .resize(4000)
        .jpeg({ quality: 88 })
        .toBuffer()
      await upload(server.url, { name: `IMG_${n}.jpg`, bytes })
    }
    const visit = async (context: BrowserContext, isSlow: boolean): Promise<Sharpness> => {
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
      await page.goto(server.url)
      await page.locator('.tile img[data-shown="true"]').nth(7).waitFor({ timeout: 60_000 })
      const first = { visit: bytes, requests }
      const begun = performance.now()
      await page.locator('.tile-open').nth(2).tap()
      await page.locator('.current .frame[data-shown="true"]').waitFor({ timeout: 60_000 })
      return { ...first, sharp: performance.now() - begun }
    }
    const all: Sharpness[] = []
    for (const isSlow of [false, true]) {
      const context = await browser.browser.newContext(phone)
      all.push(await visit(context, isSlow))
      await context.close()
    }
    return all[1] as Sharpness
  } finally {
    await server.terminate()
  }
}

function kilo(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`
}
function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function report(lines: string[], { visit, requests, sharp: time }: Sharpness, flows: string): string {
  return `# What the gallery takes

\`npm run bench:gallery\` writes this page. Chromium without a window, ${new Date().toISOString().slice(0, 10)}; all numbers are
those of one run on a shared machine. Times tell orders of magnitude; the rest may differ a little from run to run.

## Many photos

1440 × 900 pixels. The page is scrolled from end to end in 40 jumps, so that everything is new each time.

| photos | first pictures | largest paint | all places known | outline | elements at most | heap at first | heap after the end | slow frames, longest | layout shift |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${lines.join('\n')}

The outline is \`GET /api/timeline\` before compression. Slow frames are those of 180, in which the page is scrolled by 40 pixels each, that took longer
than 34 ms: Chromium draws here without a graphics card. Aims: at most 1,500 elements, a heap that doesn't grow with what one has
scrolled by, and a layout shift of 0.1.

## A phone on a slow line

390 × 844 pixels at three times the density, 1.6 Mbit/s with 150 ms; 8 photos of 12 megapixels whose sizes have been asked for before.

| | |
|---|---:|
| first visit, with the pictures in view | ${kilo(visit)}, ${requests} requests |
| from the press on a photo until it is sharp | ${(time / 1000).toFixed(1)} s (aim: 2 s) |

## Sixty photos

Chosen at once, uploaded and waited for; then one is opened, the next one deleted and brought back, and Back pressed. Two minutes later
somebody else looks at the page, and scrolls through all of them.

| on | layout shift while uploading | layout shift while looking | pictures of a first visit | all pictures |
|---|---:|---:|---:|---:|
${flows}

Layout shift is that of the worst five seconds (https://web.dev/articles/cls). Aims: 0.1 of it, and 400 kB of pictures on a phone's first visit.
`
}
