import type { Page } from 'playwright-core'

/** What {@link watch} leaves in the page's window. */
interface Watched {
  shifts: number
  largest: number
}

/**
 * Layout shift as web-vitals counts it: the worst five seconds, without what a press has caused. And the largest paint, in
 * milliseconds.
 */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all = window as unknown as Watched
    all.shifts = 0
    all.largest = 0
    let [begun, last, sum] = [0, 0, 0]
    new PerformanceObserver((list) => {
      for (const { startTime, value, hadRecentInput } of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
      })[]) {
        if (hadRecentInput) continue
        if (startTime - last > 1000 || startTime - begun > 5000) [begun, sum] = [startTime, 0]
        last = startTime
        sum += value
        all.shifts = Math.max(all.shifts, sum)
      }
    }).observe({ type: 'layout-shift', buffered: true })
    new PerformanceObserver((list) => {
      all.largest = list.getEntries().at(-1)?.startTime ?? all.largest
    }).observe({ type: 'largest-contentful-paint', buffered: true })
  })
}

export function watched(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { shifts, largest } = window as unknown as Watched
    return { shifts, largest }
  })
}

/** Scrolls by 40 pixels a frame, 180 frames. @returns how many took longer than two of a screen with 60 a second, and the longest */
export async function framesOf(page: Page): Promise<string> {
  const times = await page.evaluate(async () => {
    window.scrollTo(0, 0)
    const all: number[] = []
    let before = await new Promise(requestAnimationFrame)
    for (let frame = 0; frame < 180; frame++) {
      window.scrollBy(0, 40)
      const now = await new Promise<number>(requestAnimationFrame)
      all.push(now - before)
      before = now
    }
    return all
  })
  return `${times.filter((time) => time > 34).length}, ${Math.round(Math.max(...times))} ms`
}

export async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = (await devtools.send('Runtime.getHeapUsage')) as { usedSize: number }
  await devtools.detach()
  return usedSize
}
