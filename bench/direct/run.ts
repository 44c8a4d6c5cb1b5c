import type { UploadSession } from '@tintype/protocol'
import type { Browser } from 'playwright-core'
import type { Arena, RunningContestant } from './contestants.ts'
import { cpuTime } from './cpu.ts'

/** What one upload took. */
export interface Run {
  seconds: number
  /** How many of them had passed when the last byte had left for the S3. */
  sending: number
  /** Bytes that left for the S3, requests and their headers included, less those of the file. */
  extra: number
  /** Milliseconds of the server and the processes below it. */
  cpu: number
  cut: Cut | undefined
}

export interface Cut {
  /** Connections that were carrying something. */
  connections: number
  /** How often somebody had to press Retry. */
  presses: number
}

export interface RunOptions {
  arena: Arena
  browser: Browser
  /** Path of the file. */
  path: string
  /** Bytes of the file. */
  size: number
  /** Whether the link is lost on the way. */
  cut: boolean
}

/** Where the link is cut, and for how long. */
const cutAt = 0.7
const cutFor = 5000

/**
 * Uploads the file from a fresh page.
 * @throws when it fails, or S3 has no object of its size afterwards
 */
export async function run(one: RunningContestant, options: RunOptions): Promise<Run> {
  const { arena, browser, path, size, cut } = options
  await using context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(one.page)
  await page.locator('input').setInputFiles(path)

  const { sent, sentAt } = arena.s3
  const before = { sent: sent(), cpu: cpuTime(one.pid) }
  const interruption = cut ? interrupt(arena, before.sent + cutAt * size) : undefined
  void interruption?.then(() => page.evaluate('restored()')).catch(() => {})
  const outcome = (await page.evaluate(`run(${cut})`)) as { seconds: number; presses: number }
  const [after, cpu] = [sent(), cpuTime(one.pid)]
  const waited = (performance.now() - sentAt()) / 1000

  const sizes = await arena.storage.empty(one.id)
  if (!sizes.includes(size)) throw new Error(`${one.label} says it is done, but S3 has ${sizes} bytes.`)
  return {
    seconds: outcome.seconds,
    sending: outcome.seconds - waited,
    extra: after - before.sent - size,
    cpu: cpu - before.cpu,
    cut: interruption && { connections: await interruption, presses: outcome.presses },
  }
}

/** Bytes of the parts in which Tintype takes a file of this size. */
export async function partSizeOf({ running }: Arena, size: number): Promise<number> {
  const ours = running.find(({ id }) => id === 'tintype')
  const response = await fetch(new URL('/api/uploads', ours?.page), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'video.mp4', type: 'video/mp4', size }),
  })
  const { multipart } = (await response.json()) as UploadSession
  return multipart?.partSize ?? size
}

/** @returns how many connections were carrying something */
async function interrupt({ link, s3 }: Arena, at: number): Promise<number> {
  await s3.reached(at)
  const connections = s3.active()
  link.cut()
  await new Promise((resolve) => setTimeout(resolve, cutFor))
  link.restore()
  return connections
}
