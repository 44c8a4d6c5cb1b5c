import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { desktop, type Gallery, shown } from './galleries.ts'
import { framesOf, heapOf, watch, watched } from './watch.ts'

/** A row of a table: what the page holds with so many photos, when it has been scrolled through. */
export async function measureGrid(
  browser: Browser,
  gallery: Gallery,
  folder: string,
  photos: number,
): Promise<string> {
  const data = join(folder, `${photos} ${gallery.label}`)
  await (await gallery.start(data)).terminate()
  await gallery.fill(data, photos)
  const server = await gallery.start(data)
  const context = await browser.newContext(desktop)
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
    const since = () => `${Math.round(performance.now() - begun)} ms`
    const outline = gallery.isEarlier ? null : page.waitForResponse(/\/api\/timeline/)
    await page.goto(server.url)
    await page.locator(shown).first().waitFor()
    const first = since()
    const bytes = outline && kilo((await (await outline).body()).length)
    if (outline) await page.locator('.rows[aria-busy="false"]').waitFor()
    const whole = outline && since()
    const { largest } = await watched(page)
    const heapBefore = await heapOf(page)
    const most = await scrollThrough(page)
    const heapAfter = await heapOf(page)
    const frames = await framesOf(page)
    const { shifts } = await watched(page)
    const cells = [
      gallery.label,
      photos.toLocaleString('en'),
      first,
      `${Math.round(largest)} ms`,
      whole ?? '',
      bytes ?? '',
      most.toLocaleString('en'),
      mega(heapBefore),
      mega(heapAfter),
      frames,
      shifts.toFixed(3),
    ]
    return `| ${cells.join(' | ')} |`
  } finally {
    await context.close()
    await server.terminate()
  }
}

/** In 40 jumps; and on to the end where a page loads more when one comes near it. @returns the most elements there were */
async function scrollThrough(page: Page): Promise<number> {
  let most = 0
  for (let step = 1; step <= 40 || (await page.locator('.more').count()) > 0; step++) {
    await page.evaluate(
      (part) => window.scrollTo(0, document.documentElement.scrollHeight * part),
      Math.min(1, step / 40),
    )
    await page.waitForTimeout(120)
    most = Math.max(most, await elementsOf(page))
  }
  await page.locator(shown).first().waitFor()
  return most
}

/** Those in open shadow trees as well. */
function elementsOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const count = (root: ParentNode): number => {
      const all = [...root.querySelectorAll('*')]
      return all.reduce((sum, { shadowRoot }) => sum + (shadowRoot ? count(shadowRoot) : 0), all.length)
    }
    return count(document)
  })
}

export function kilo(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
