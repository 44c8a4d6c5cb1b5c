import type { AnnouncedFile } from '../../hooks/types.ts'
import type { MediaLimits } from '../../inspect/limits.ts'
import { announcedName, displayName } from '../../inspect/name.ts'
import { extensionOf } from '../../inspect/sniff.ts'
import { type Budget, connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import type { PooledBuffer } from '../../memory/buffer-pool.ts'
import type { PrivacyOptions } from '../../privacy/policy.ts'
import type { Room } from '../../quotas/quotas.ts'
import type { ArrivedFile, Examined, StoredFile } from '../files.ts'
import { planParts } from '../part-plan.ts'
import { createPendingKeys, type PendingKeysOptions } from '../pending-keys.ts'
import { type StreamOptions, startStream } from '../stream/stream.ts'
import type { UploadMemory } from '../transform.ts'
import { type Collector, createCollector } from './collect.ts'
import type { Fields } from './fields.ts'

/** What one request brings: its files and text, the memory that they take, and the keys that files are streamed to. */
export interface Arrivals {
  /** The next file, into memory or through it to S3. The one before it has to have ended. */
  begin(file: ArrivingFile): Pick<Collector, 'write' | 'end'>
  /** Reserves memory for this many more bytes of text. Waits, with a promise, until there is room. */
  addText(bytes: number): void | Promise<void>
  /** For what the app makes of the files. */
  readonly memory: UploadMemory
  /**
   * All of them have arrived: makes sure of the keys for as long as publishing takes.
   * @throws {TintypeError} `overloaded` when the sweeper has them
   */
  confirm(files: ArrivedFile[]): Promise<ArrivedFile[]>
  /** What was streamed to S3 and confirmed is another one's from now on: it is not discarded here. */
  handOver(): void
  /** Ends what is being received, then frees the memory, and discards keys that were not published. */
  release(): Promise<void>
}

/** What is known of a file before its first byte. */
export interface ArrivingFile {
  rawName: string | undefined
  /** Media type that its sender claims, in lower case; empty where it claims none. */
  type: string
  /** Text that came before it. */
  fields: Fields
  /** Bytes at the most, where the request does not say it. */
  most?: number | undefined
  /** Of its field. @default those of the app */
  limits?: MediaLimits
}

export interface ArrivalsOptions extends StreamOptions, PendingKeysOptions {
  ledger: StreamOptions['ledger'] & PendingKeysOptions['ledger']
  limits: MediaLimits
  /** Whether large videos are streamed to S3 in parts; else all files stay in memory. */
  multipart: boolean
  /** What all uploads together may use. */
  budget: Pick<Budget, 'bytes'>
}

/** One request, and who sends it. */
export interface ArrivalsRequest {
  /** Bytes that all files together have at the most; undefined if not announced. */
  announced: number | undefined
  /** Lasts until the memory has been freed. */
  reservation: ScopedReservation
  owner: string
  /** Aborts when the client has gone. */
  signal: AbortSignal
  /** What the owner may still add; undefined: anything. */
  room?: Room | undefined
  /** What a hook of the app says to each file before a byte of it is taken. It rejects to refuse. */
  gate?: Gate | undefined
}

/** @returns what the app wants kept or removed of the file */
export type Gate = (
  file: Pick<AnnouncedFile, 'name' | 'type' | 'bytes' | 'fields'>,
) => Promise<PrivacyOptions | undefined>

export function createArrivals(
  options: ArrivalsOptions,
  { announced, reservation, room, gate, ...sender }: ArrivalsRequest,
): Arrivals {
  const { multipart, budget } = options
  const pending = createPendingKeys(options)
  const taken: PooledBuffer[] = []
  /** Bytes of files that stay in memory, and of text. */
  let held = 0
  let text = 0
  let toCome = announced
  let current: Collector | undefined
  /** What the owner's room is asked for. */
  const added = { files: 0, bytes: 0 }

  const borrowed = {
    take(bytes: number) {
      const buffer = options.bufferPool.take(bytes)
      taken.push(buffer)
      return buffer
    },
  }

  /** A file that is whole: from now on its memory is what it takes, not what it might have taken. */
  function count(arrived: ArrivedFile): ArrivedFile {
    const size = 'examined' in arrived ? arrived.examined.objects[0].size : arrived.bytes.length
    if ('bytes' in arrived) held += size
    if (toCome !== undefined) toCome -= size
    return arrived
  }

  /** Refuses as soon as more has come than there is room for. */
  function within(room: Room, write: Collector['write']): Collector['write'] {
    return (chunk) => {
      added.bytes += chunk.length
      room.demand(added)
      return write(chunk)
    }
  }

  async function free(): Promise<void> {
    await current?.abort()
    for (const buffer of taken) buffer.free()
  }

  return {
    begin({ rawName, type, fields, limits = options.limits, ...file }) {
      added.files++
      room?.demand(added)
      const most = toCome
      const plan = planParts(Math.min(most ?? Number.POSITIVE_INFINITY, limits.videoBytes))
      const partBytes = multipart ? plan.partBytes : limits.videoBytes
      let privacy: PrivacyOptions | undefined
      const collector = createCollector({
        rawName,
        limits,
        bufferPool: borrowed,
        most,
        partBytes,
        onGrow: (bytes) => reservation.growTo(held + bytes),
        async stream(start) {
          const ext = extensionOf(start.type)
          // A name that will be refused is refused before gigabytes have come.
          displayName(rawName, ext)
          // Fewer on their way at a time, where memory has no room for all.
          const fitting = Math.floor((budget.bytes - connectionBytes - held) / partBytes)
          const buffers = multipart ? Math.min(plan.buffers, Math.max(2, fitting)) : 1
          const needed = held + Math.min(most ?? Number.POSITIVE_INFINITY, buffers * partBytes)
          await reservation.growTo(needed)
          reservation.shrinkTo(needed)
          const ofFile = {
            pending,
            sender,
            privacy,
            reserve: (bytes: number) => reservation.growTo(held + bytes),
          }
          return startStream(
            { ...options, bufferPool: borrowed },
            { ...start, ...ofFile, ext, partBytes, buffers },
          )
        },
      })
      current = collector
      const chosen = (arrived: ArrivedFile) =>
        'bytes' in arrived && privacy ? { ...arrived, privacy } : arrived
      const arriving = {
        write: room ? within(room, collector.write) : collector.write,
        end() {
          const arrived = collector.end()
          return arrived instanceof Promise
            ? arrived.then((file) => count(chosen(file)))
            : count(chosen(arrived))
        },
      }
      if (!gate) return arriving
      return behind(async () => {
        privacy = await gate({ name: announcedName(rawName), type, bytes: most ?? file.most, fields })
      }, arriving)
    },
    addText(bytes) {
      held += bytes * textSize
      text += bytes * textSize
      if (toCome !== undefined) toCome -= bytes
      // In steps: asking stops the sender for a moment, and its text may come byte by byte.
      return reservation.growTo(Math.ceil(held / textStep) * textStep)
    },
    memory: {
      add(bytes) {
        held += bytes
        if (bytes > 0) return reservation.growTo(held)
      },
      free() {
        for (const buffer of taken) buffer.free()
        reservation.shrinkTo(connectionBytes + text)
      },
    },
    async confirm(files) {
      const dueAt = await pending.confirm()
      return files.map((file) => ('examined' in file ? withDeadline(file, dueAt) : file))
    },
    handOver: pending.handOver,
    async release() {
      const freed = free()
      reservation.lastUntil(freed)
      await freed
      await pending.release()
    },
  }
}

/** Nothing is taken before the gate has opened. */
function behind(
  gate: () => Promise<void>,
  file: ReturnType<Arrivals['begin']>,
): ReturnType<Arrivals['begin']> {
  let isOpen = false
  const opened = gate().then(() => {
    isOpen = true
  })
  // Where the request is cut off meanwhile, nobody waits for it any more.
  opened.catch(() => {})
  return {
    write: (chunk) => (isOpen ? file.write(chunk) : opened.then(() => file.write(chunk))),
    end: () => (isOpen ? file.end() : opened.then(() => file.end())),
  }
}

/** What text takes, in times of its bytes: as it came, put together, and as a string. */
const textSize = 3
const textStep = 64 * 1024

/** The file whose key has this deadline on the sweep list. */
export function withDeadline(file: StoredFile, dueAt: number): StoredFile {
  const [original, ...variants] = file.examined.objects
  const objects: Examined['objects'] = ['key' in original ? { ...original, dueAt } : original, ...variants]
  return { ...file, examined: { ...file.examined, objects } }
}
