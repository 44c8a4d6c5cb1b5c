import type { MultipartPlan, UploadedPart } from '@tintype/protocol'
import type { UploadApi } from './api.ts'
import { type ConcurrencyLimiter, maxConcurrency } from './concurrency.ts'
import { follow } from './older-browsers.ts'
import type { ProgressMeter } from './progress.ts'
import { createQueue } from './queue.ts'
import { type RetryOptions, withRetries } from './retry.ts'
import { createHash } from './sha256.ts'
import { createSigner, type HashedPart, type SignedPart } from './signer.ts'
import { FileChanged, putSigned } from './storage.ts'

export interface PartsOptions extends RetryOptions {
  api: UploadApi
  /** The server's id of the upload. */
  session: string
  plan: MultipartPlan
  /** Parts that the storage has already. */
  stored: readonly UploadedPart[]
  limiter: ConcurrencyLimiter
  meter: ProgressMeter
}

export interface SentPart {
  number: number
  sha256: string
  /** Null where the bucket's CORS rules don't show it. */
  etag: string | null
}

/**
 * URLs per request: each request costs the server about as much as signing ten more URLs. The first batch is small, so
 * that the first bytes leave at once.
 */
const batch = 40
const firstBatch = 3
/** The next batch is requested when fewer are left. */
const fewLeft = 8

/**
 * Sends all parts of a file to the storage, several at a time. A part that the storage has already is sent again only
 * if its checksum is unknown. Holds one part in memory, to hash it; the browser reads by itself what it sends.
 *
 * @returns the parts, by number
 * @throws {FileChanged} where the storage has a part that isn't in this file
 */
export async function sendParts(file: Blob, options: PartsOptions): Promise<SentPart[]> {
  const { api, session, plan, meter } = options
  const stored = new Map(options.stored.map((part) => [part.number, part]))
  const failure = new AbortController()
  const { signal } = failure
  const unfollow = follow(failure, options.signal)
  const signer = createSigner(api, session, () => performance.now())
  const ready = createQueue<SignedPart>()
  const hash = createPartHash(file)
  const sent: SentPart[] = []
  const pieceOf = (number: number) => file.slice((number - 1) * plan.partSize, number * plan.partSize)

  /** Hashes and compares parts ahead of the senders. */
  const prepare = async () => {
    let hashed: HashedPart[] = []
    let size = firstBatch
    const offer = async () => {
      await ready.below(fewLeft)
      ready.push(await withRetries(() => signer.sign(hashed), { ...options, signal }))
      hashed = []
      size = batch
    }
    for (let number = 1; number <= plan.parts; number++) {
      const sha256 = await hash(number, pieceOf(number))
      signal.throwIfAborted()
      const there = stored.get(number)
      if (there?.sha256 === sha256) {
        meter.skipped(number, there.size)
        sent.push({ number, sha256, etag: there.etag })
        continue
      }
      if (there?.sha256 !== undefined) throw new FileChanged()
      hashed.push({ number, sha256 })
      if (hashed.length === size) await offer()
    }
    if (hashed.length > 0) await offer()
    ready.end()
  }
  const send = async (part: SignedPart) => {
    const { number, sha256 } = part
    let signed: SignedPart | undefined = part
    const sign = async () => {
      const put = signed && signer.isFresh(signed) ? signed.put : (await signer.sign([part]))[0]?.put
      // If this attempt fails, the next one gets a new URL.
      signed = undefined
      return put
    }
    const onSent = (bytes: number) => meter.sending(number, bytes)
    const etag = await putSigned({ ...options, signal, body: pieceOf(number), sha256, sign, onSent })
    if (etag !== null) signer.arrived(number, etag)
    sent.push({ number, sha256, etag })
  }
  const work = async () => {
    for (let part = await ready.take(); part; part = await ready.take()) await send(part)
  }

  const all = [prepare(), ...Array.from({ length: maxConcurrency }, work)].map((one) =>
    one.catch((error: unknown) => {
      failure.abort(error)
      ready.stop()
      throw error
    }),
  )
  try {
    await Promise.all(all)
  } catch (error) {
    // The failure is reported once nothing of this upload is being sent any more.
    await Promise.allSettled(all)
    await signer.flush()
    throw error
  } finally {
    unfollow()
  }
  return sent.sort((a, b) => a.number - b.number)
}

/** A File object never changes: browsers refuse to read it once the file has. So its checksums stay valid. */
const known = new WeakMap<Blob, Map<string, string>>()

/** Hashes the parts of a file one after the other, each once. */
function createPartHash(file: Blob) {
  const hashes = known.get(file) ?? new Map<string, string>()
  const hashOf = createHash()
  known.set(file, hashes)
  return async (number: number, piece: Blob): Promise<string> => {
    const name = `${number} ${piece.size}`
    const found = hashes.get(name) ?? (await hashOf(piece))
    hashes.set(name, found)
    return found
  }
}
