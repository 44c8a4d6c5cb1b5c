import type { Readable } from 'node:stream'
import type { MediaLimits } from '../inspect/limits.ts'
import { displayName } from '../inspect/name.ts'
import { extensionOf } from '../inspect/sniff.ts'
import type { Reservation } from './budget.ts'
import { collect } from './collect.ts'
import type { Examined } from './examine.ts'
import type { ArrivedFile, LandedFile } from './finish.ts'
import { createHold, type HoldOptions } from './hold.ts'
import type { Slab } from './slabs.ts'
import { planParts, type StreamOptions, startStream } from './stream.ts'

/** What one request brings: its files, the memory that they take, and the keys that they are streamed to. */
export interface Arrivals {
  /** Reads the file after those before it, in memory or through it to S3. @throws {TintypeError} */
  receive(file: Readable, rawName: string | undefined): Promise<ArrivedFile>
  /**
   * All of them have arrived: makes sure of the keys for as long as publishing takes.
   * @throws {TintypeError} `overloaded` when the sweeper has them
   */
  settle(files: ArrivedFile[]): Promise<ArrivedFile[]>
  /**
   * Waits for what is being received, which has to come to an end by itself; then gives the memory back, and those
   * keys up that were not published.
   */
  release(): Promise<void>
}

export interface ArrivalsOptions extends StreamOptions, HoldOptions {
  ledger: StreamOptions['ledger'] & HoldOptions['ledger']
  limits: MediaLimits
}

/**
 * @param announced bytes that all files together have at the most; undefined: nobody said
 * @param reservation is released with the rest
 */
export function createArrivals(
  options: ArrivalsOptions,
  { announced, reservation }: { announced: number | undefined; reservation: Reservation },
): Arrivals {
  const { limits } = options
  const hold = createHold(options)
  const slabs: Slab[] = []
  /** Of files that stay in memory. */
  let held = 0
  let toCome = announced
  let turn: Promise<unknown> = Promise.resolve()

  const borrowed = {
    take(bytes: number) {
      const slab = options.slabs.take(bytes)
      slabs.push(slab)
      return slab
    },
  }

  async function receiveNext(file: Readable, rawName: string | undefined): Promise<ArrivedFile> {
    const most = toCome
    const { partBytes, buffers } = planParts(Math.min(most ?? Number.POSITIVE_INFINITY, limits.videoBytes))
    const arrived = await collect(file, {
      rawName,
      limits,
      slabs: borrowed,
      most,
      partBytes,
      onGrow: (bytes) => reservation.growTo(held + bytes),
      async stream(start) {
        const ext = extensionOf(start.type)
        // A name that will be refused is refused before gigabytes have come.
        displayName(rawName, ext)
        const needed = held + Math.min(most ?? Number.POSITIVE_INFINITY, buffers * partBytes)
        await reservation.growTo(needed)
        reservation.shrinkTo(needed)
        return startStream({ ...options, slabs: borrowed }, { ...start, ext, partBytes, buffers, hold })
      },
    })
    const size = 'examined' in arrived ? arrived.examined.objects[0].size : arrived.bytes.length
    if ('bytes' in arrived) held += size
    if (toCome !== undefined) toCome -= size
    return arrived
  }

  return {
    receive(file, rawName) {
      // A file that comes while the one before it is on its way waits unread: one at a time holds buffers.
      const result = turn.then(() => receiveNext(file, rawName))
      turn = result.catch(() => {})
      return result
    },
    async settle(files) {
      const dueAt = await hold.settle()
      return files.map((file) => ('examined' in file ? withDeadline(file, dueAt) : file))
    },
    async release() {
      await turn
      for (const slab of slabs) slab.free()
      reservation.release()
      await hold.release()
    },
  }
}

/** The file whose key has this deadline on the sweep list. */
export function withDeadline(file: LandedFile, dueAt: number): LandedFile {
  const [original, ...variants] = file.examined.objects
  const objects: Examined['objects'] = ['key' in original ? { ...original, dueAt } : original, ...variants]
  return { ...file, examined: { ...file.examined, objects } }
}
