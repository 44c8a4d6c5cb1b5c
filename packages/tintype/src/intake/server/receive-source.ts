import { createHash, hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import type { TintypeError } from '../../errors.ts'
import { inspectHead, largestBytes, type MediaLimits, tooLarge } from '../../inspect/limits.ts'
import { announcedName } from '../../inspect/name.ts'
import { readBody } from '../../memory/body.ts'
import { type Budget, connectionBytes } from '../../memory/budget.ts'
import { fromMemory } from '../../privacy/cleaning.ts'
import { planCleaning } from '../../privacy/plan-cleaning.ts'
import { type Policy, type PrivacyOptions, withChoice } from '../../privacy/policy.ts'
import { aboutFile } from '../about-file.ts'
import type { ArrivedFile } from '../files.ts'
import type { Arrivals, ArrivalsRequest } from '../form/arrivals.ts'
import type { Fields } from '../form/fields.ts'
import { firstReservation, leastRate, withTransforms } from '../form/form.ts'
import { planParts } from '../part-plan.ts'
import { createUploadMemory, type UploadMemory } from '../transform.ts'
import { type HeldSource, type Source, type StreamedSource, sourceFailed } from './source.ts'

export interface SourceOptions {
  limits: MediaLimits
  /** Whether large videos are streamed to S3 in parts. */
  multipart: boolean
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Whether hooks of the app make new files of those that come, in the same memory. */
  isTransformed: boolean
  /** What the app says of all files. */
  privacy: Policy
  arrivals(request: ArrivalsRequest): Arrivals
}

export type SourceSender = Pick<ArrivalsRequest, 'owner' | 'signal' | 'room' | 'gate'> & {
  /** Text that came with it. */
  fields: Fields
  /** Whether the work publishes it by a transaction that is still open when the work has ended. */
  isHandedOver?: boolean
}

/** @param handOver what was streamed to S3 outlives this: it is not discarded in the end */
type Work<T> = (file: ArrivedFile, memory: UploadMemory, handOver: () => void) => Promise<T>

/**
 * Way in: a file that the app has. Bytes in memory stay where they are, and count in the budget while they are worked
 * on; everything else comes as a form's file does, into memory inside the budget or through it to S3, and has to keep up.
 * The source has to be closed when this has ended, however it ends.
 *
 * @param work publishes the file. When it has ended, what it has not published is given up
 * @throws {TintypeError} `source_failed`, `too_slow`, `too_large`, `empty_file`, `unsupported_type`, `overloaded`; the
 * signal's reason; what the work throws
 */
export async function receiveSource<T>(
  source: Source,
  sender: SourceSender,
  options: SourceOptions,
  work: Work<T>,
): Promise<T> {
  const { budget, limits } = options
  if (!('bytes' in source)) return receiveStreamed(source, sender, options, work)
  const { bytes, rawName, type = '' } = source
  const { gate, fields } = sender
  let privacy: PrivacyOptions | undefined
  try {
    refuseAbove(largestBytes(limits), bytes.length)
    if (bytes.length > partBytes(bytes.length, options)) {
      const head = inspectHead(bytes, limits)
      refuseAbove(head.bytes, bytes.length)
      if (head.kind === 'video') return await receiveStreamed(inSlices(source), sender, options, work)
    }
    privacy = await gate?.({ name: announcedName(rawName), type, bytes: bytes.length, fields })
  } catch (error) {
    throw aboutFile(error, 0, rawName)
  }
  // What has to be changed is changed in a copy: the memory is the app's.
  const copies = (await isClean(bytes, { ...options, privacy: withChoice(options.privacy, privacy) })) ? 1 : 2
  const room = options.isTransformed
    ? withTransforms(bytes.length, budget)
    : Math.max(bytes.length, Math.min(bytes.length * copies, budget.bytes - connectionBytes))
  const reserved = room + connectionBytes
  return budget.within(reserved, sender.signal, async (reservation) => {
    const sha256 = await sha256Of(bytes, sender.signal)
    const file = { bytes, sha256, rawName, privacy, isOthers: true }
    return work(file, createUploadMemory(reservation, bytes.length + connectionBytes), () => {})
  })
}

/** Whether it is stored as it is, as far as can be told of bytes that nobody has inspected yet. */
async function isClean(bytes: Buffer, { limits, privacy }: Pick<SourceOptions, 'limits' | 'privacy'>) {
  try {
    const { type } = inspectHead(bytes, limits)
    return (await planCleaning(fromMemory(bytes), type, privacy)).edits.length === 0
  } catch {
    // It will be refused.
    return true
  }
}

async function receiveStreamed<T>(
  source: StreamedSource,
  sender: SourceSender,
  { budget, limits, multipart, clock, stallTimeout, isTransformed, arrivals }: SourceOptions,
  work: Work<T>,
): Promise<T> {
  const { size, rawName } = source
  const { signal, fields } = sender
  try {
    refuseAbove(largestBytes(limits), size ?? 0)
    const first = firstReservation(size, limits, budget, multipart)
    const reserved = (isTransformed ? withTransforms(first, budget) : first) + connectionBytes
    return await budget.within(reserved, signal, async (reservation) => {
      const arriving = arrivals({ announced: size, reservation, ...sender })
      try {
        const { write, end } = arriving.begin({ rawName, type: source.type ?? '', fields, most: source.most })
        const body = source.open()
        let received = 0
        const take = (chunk: unknown) => {
          const bytes = asBuffer(chunk)
          received += bytes.length
          if (size !== undefined && received > size) throw changed(size)
          return bytes.length > atOnce ? writeSlices(bytes, write) : write(bytes)
        }
        await readBody(body, take, {
          clock,
          stallTimeout,
          leastRate: leastRate(budget, reserved),
          signal,
          ...(source.chunks ? { chunks: source.chunks(body) } : {}),
          brokenOff: () => (signal.aborted ? signal.reason : (source.brokenOff?.() ?? brokenOff(body))),
        })
        if (size !== undefined && received < size) throw changed(size)
        source.demandWhole?.()
        const file = await confirmed(arriving, await end())
        const result = await work(file, arriving.memory, arriving.handOver)
        if (sender.isHandedOver) arriving.handOver()
        return result
      } finally {
        void arriving.release()
      }
    })
  } catch (error) {
    throw aboutFile(error, 0, rawName)
  }
}

async function confirmed(arriving: Arrivals, file: ArrivedFile): Promise<ArrivedFile> {
  const [confirmed] = await arriving.confirm([file])
  return confirmed as ArrivedFile
}

/** A video in memory that is too large for one write to S3. */
function inSlices({ bytes, rawName, type }: HeldSource): StreamedSource {
  return { size: bytes.length, rawName, type, open: () => Readable.from(slicesOf(bytes)), close() {} }
}

/** A source may bring megabytes at a time, or all of it: what is streamed is told by the first of them. */
async function writeSlices(bytes: Buffer, write: (chunk: Buffer) => void | Promise<void>): Promise<void> {
  for (const slice of slicesOf(bytes)) await write(slice)
}

/** Views. */
function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += atOnce) yield bytes.subarray(at, at + atOnce)
}

function partBytes(size: number, { limits, multipart }: SourceOptions): number {
  return multipart ? planParts(Math.min(size, limits.videoBytes)).partBytes : limits.videoBytes
}

/** Bytes that take the processor half a millisecond. */
const atOnce = 1024 * 1024

async function sha256Of(bytes: Buffer, signal: AbortSignal): Promise<string> {
  if (bytes.length <= atOnce) return hash('sha256', bytes, 'hex')
  const hasher = createHash('sha256')
  for (const slice of slicesOf(bytes)) {
    hasher.update(slice)
    await setImmediate()
    signal.throwIfAborted()
  }
  return hasher.digest('hex')
}

/** Streams that an app has made itself may hold text or plain bytes. */
function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw sourceFailed('The stream has brought something else than bytes.')
}

function refuseAbove(limit: number, size: number): void {
  if (size > limit) throw tooLarge(limit)
}

function brokenOff({ errored }: Readable): TintypeError {
  return sourceFailed('The file broke off before its end.', errored ?? undefined)
}

function changed(size: number): TintypeError {
  return sourceFailed(
    `The file was to have ${size} bytes, but has another length: is it still being written?`,
  )
}
