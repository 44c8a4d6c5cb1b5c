import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'

/** What Chromium makes of bytes, by what they are: a picture or a video. */
export interface Shown {
  /** @returns undefined where it shows nothing */
  sizeOf(bytes: Buffer): Promise<{ width: number; height: number } | undefined>
  /** Between the mean colours of two pictures, the component that differs most, of 255. */
  difference(one: Buffer, other: Buffer): Promise<number>
  close(): Promise<void>
}

export async function openShown(browser: Browser): Promise<Shown> {
  const served: Buffer[] = []
  const server = createServer(({ url = '' }, res) => {
    const bytes = served[Number(url.slice(1))]
    if (url.length === 1 || !bytes) res.setHeader('Content-Type', 'text/html').end('<!doctype html>')
    else res.end(bytes)
  }).listen(0)
  const page = await browser.newPage()
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)

  const serve = (...all: Buffer[]) => {
    served.splice(0, served.length, Buffer.alloc(0), ...all)
    // No address is used twice: a browser keeps what it has seen.
    return all.map((_, index) => `/${index + 1}?${Math.random()}`)
  }
  server.prependListener('request', (req) => {
    req.url = req.url?.split('?')[0] ?? '/'
  })

  return {
    async sizeOf(bytes) {
      const [url = ''] = serve(bytes)
      const size = await page.evaluate(
        (url) =>
          new Promise<[number, number]>((resolve) => {
            const image = new Image()
            image.onload = () => resolve([image.naturalWidth, image.naturalHeight])
            image.onerror = () => {
              const video = document.createElement('video')
              video.onloadeddata = () => resolve([video.videoWidth, video.videoHeight])
              video.onerror = () => resolve([0, 0])
              video.src = url
            }
            image.src = url
          }),
        url,
      )
      return size[0] > 0 ? { width: size[0], height: size[1] } : undefined
    },
    async difference(one, other) {
      return await page.evaluate(
        async (urls) => {
          const means = await Promise.all(
            urls.map(async (url) => {
              const image = new Image()
              image.src = url
              await image.decode()
              const side = 48
              const context = new OffscreenCanvas(side, side).getContext(
                '2d',
              ) as OffscreenCanvasRenderingContext2D
              context.fillStyle = '#fff'
              context.fillRect(0, 0, side, side)
              context.imageSmoothingQuality = 'high'
              context.drawImage(image, 0, 0, side, side)
              const { data } = context.getImageData(0, 0, side, side)
              const sums = [0, 0, 0]
              for (let at = 0; at < data.length; at++)
                if (at % 4 < 3) sums[at % 4] = (sums[at % 4] ?? 0) + (data[at] ?? 0)
              return sums.map((sum) => sum / side ** 2)
            }),
          )
          return Math.max(
            ...[0, 1, 2].map((index) => Math.abs((means[0]?.[index] ?? 0) - (means[1]?.[index] ?? 0))),
          )
        },
        serve(one, other),
      )
    },
    async close() {
      await page.close()
      server.close()
      server.closeAllConnections()
    },
  }
}
