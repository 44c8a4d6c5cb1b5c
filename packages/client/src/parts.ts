import { type MultipartPlan, maxSignedParts, type SignedPut, type UploadedPart } from '@tintype/protocol'
import type { UploadApi } from './api.ts'
import { type Lanes, mostLanes } from './lanes.ts'
import type { ProgressMeter } from './progress.ts'
import type { RetryOptions } from './retry.ts'
import { createHash } from './sha256.ts'
import { FileChanged, putSigned } from './storage.ts'

export interface PartsOptions extends RetryOptions {
  api: UploadApi
  /** The server's id of the upload. */
  session: string
  plan: MultipartPlan
  /** What the storage has already. */
  stored: readonly UploadedPart[]
  lanes: Lanes
  meter: ProgressMeter
}

export interface SentPart {
  number: number
  sha256: string
  /** Null where the bucket's CORS rules don't show it. */
  etag: string | null
}

/** Parts that are hashed and signed while as many as there are lanes are on the wire. */
const ahead = 3

/**
 * Brings all parts of a file into the storage, several at a time. What the storage has is sent again only where
 * it doesn't tell its checksum. Holds one part in memory, to hash it; what is sent is read by the browser itself.
 *
 * @returns the parts, by number
 * @throws {FileChanged} where the storage has a part that isn't in this file
 */
export async function sendParts(file: Blob, options: PartsOptions): Promise<SentPart[]> {
  const { api, session, plan, meter } = options
  const stored = new Map(options.stored.map((part) => [part.number, part]))
  const failure = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal
  const sign = createSigner(api, session)
  const hash = createPartHash(file)
  const sent: SentPart[] = []
  let next = 1

  const send = async (number: number) => {
    const start = (number - 1) * plan.partSize
    const end = Math.min(file.size, start + plan.partSize)
    const sha256 = await hash(start, end)
    signal.throwIfAborted()
    const there = stored.get(number)
    if (there?.sha256 === sha256) {
      meter.skipped(number, end - start)
      sent.push({ number, sha256, etag: there.etag })
      return
    }
    if (there?.sha256 !== undefined) throw new FileChanged()
    const etag = await putSigned({
      ...options,
      signal,
      body: file.slice(start, end),
      sha256,
      sign: () => sign(number, sha256),
      onSent: (bytes) => meter.sending(number, bytes),
    })
    sent.push({ number, sha256, etag })
  }
  const work = async () => {
    while (next <= plan.parts) await send(next++)
  }
  const workers = Array.from({ length: mostLanes + ahead }, () =>
    work().catch((error: unknown) => {
      failure.abort(error)
      throw error
    }),
  )
  try {
    await Promise.all(workers)
  } finally {
    // Nothing of this upload moves any more when its failure is told.
    await Promise.allSettled(workers)
  }
  return sent.sort((a, b) => a.number - b.number)
}

/** Asks for URLs one batch at a time: what comes up meanwhile goes into the next. */
function createSigner(api: UploadApi, session: string) {
  interface Wish extends PromiseWithResolvers<SignedPut> {
    number: number
    sha256: string
  }
  const wishes: Wish[] = []
  let asking = false

  const ask = async () => {
    if (asking) return
    asking = true
    while (wishes.length > 0) {
      const batch = wishes.splice(0, maxSignedParts)
      try {
        const parts = await api.sign(
          session,
          batch.map(({ number, sha256 }) => ({ number, sha256 })),
        )
        const signed = new Map(parts.map(({ number, ...put }) => [number, put]))
        for (const { number, resolve, reject } of batch) {
          const put = signed.get(number)
          if (put) resolve(put)
          else reject(new Error(`There is no URL for part ${number}.`))
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    asking = false
  }
  return (number: number, sha256: string): Promise<SignedPut> => {
    const wish: Wish = { number, sha256, ...Promise.withResolvers<SignedPut>() }
    wishes.push(wish)
    queueMicrotask(ask)
    return wish.promise
  }
}

/** A file object never changes: browsers refuse to read one whose file has. So its checksums stay true. */
const known = new WeakMap<Blob, Map<string, string>>()

/** Hashes ranges of a file one after the other, each once. */
function createPartHash(file: Blob) {
  const hashes = known.get(file) ?? new Map<string, string>()
  const hashOf = createHash()
  known.set(file, hashes)
  let last: Promise<unknown> = Promise.resolve()
  return (start: number, end: number): Promise<string> => {
    const range = `${start}-${end}`
    const hash = last.then(async () => {
      const found = hashes.get(range) ?? (await hashOf(file.slice(start, end)))
      hashes.set(range, found)
      return found
    })
    last = hash.catch(() => {})
    return hash
  }
}
