import type { Media } from '@tintype/protocol'
import { type ConcurrencyLimiter, createConcurrencyLimiter } from './concurrency.ts'
import { cancelRemembered, type UploadEvent, uploadDirect } from './direct.ts'
import { asUploadError, isForeignRefusal, type UploadError } from './errors.ts'
import { uploadByForm } from './form.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { createBrowserMemory } from './indexed-db.ts'
import { createPageMemory, fileKey, type UploadMemory } from './memory.ts'
import { createProgressMeter, type Progress } from './progress.ts'
import { type RetryOptions, withRetries } from './retry.ts'

export interface UploadOptions extends RetryOptions {
  /** Where the API is mounted, e.g. `/api` or `https://photos.example.org/api`. */
  endpoint: string
  caption?: string | undefined
  /** Called as bytes go out. Node tells whole parts only. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Direct uploads only: `resumed`, `changed` (begun anew, since the file isn't what it was), `checking`. */
  onEvent?: ((event: UploadEvent) => void) | undefined
  /** Sent with every request to the server, none to the storage, e.g. `{ Authorization: 'Bearer …' }`. */
  headers?: Record<string, string> | undefined
  /**
   * Files up to so many bytes go through the server as a form, larger ones straight to the storage.
   * @default 8 MiB
   */
  formLimit?: number | undefined
  /**
   * Give the key of an earlier call to go on where the outcome of a form is unknown.
   * @default a new one
   */
  idempotencyKey?: string | undefined
  /** Where unfinished direct uploads are kept. @default IndexedDB, or this process where there is none */
  memory?: UploadMemory | undefined
  /** Shared with other uploads: see {@link createConcurrencyLimiter}. @default limiter of its own */
  limiter?: ConcurrencyLimiter | undefined
  /** Key of a remembered upload of this file as it was before: it is cancelled, the event is `changed`. */
  replaces?: string | undefined
  /** Where the file lies; only kept in the memory, for programs that look it up there. */
  path?: string | undefined
  /** Kept in the memory, so that the file can be read again after a reload (Chromium). */
  handle?: FileSystemFileHandle | undefined
}

/**
 * Uploads one file and resolves with its media. What can be retried is retried with back-off (no connection,
 * 408, 429, 5xx, expired URLs). Small files go as a form, under one Idempotency-Key, so that a lost answer stores
 * nothing twice; large ones go straight to the storage in parallel parts, and a later call with the same file
 * goes on where this one was stopped by whatever it was. What a proxy in between refuses goes the other way.
 *
 * ```ts
 * const media = await upload(input.files[0], { endpoint: '/api', caption: 'Lisbon' })
 * ```
 *
 * @throws {UploadError} once it is refused or the retries are used up
 * @throws the signal's reason when aborted: `new UploadPaused()` keeps what has arrived for a later call, any other
 * reason cancels the upload at the server too (a form may have been stored by then)
 */
export async function upload(file: File, options: UploadOptions): Promise<Media> {
  const { caption, headers, signal, onProgress, onEvent, formLimit = 8 * 1024 ** 2 } = options
  const {
    idempotencyKey = createIdempotencyKey(),
    memory = defaultMemory(),
    limiter = createConcurrencyLimiter(),
  } = options
  const endpoint = options.endpoint.replace(/\/+$/, '')
  const meter = createProgressMeter(file.size, (progress) => signal?.aborted || onProgress?.(progress))

  const direct = async () => {
    const tell = (event: UploadEvent) => onEvent?.(event)
    const media = await uploadDirect(file, { ...options, endpoint, memory, limiter, meter, onEvent: tell })
    if (media) meter.skipped('all', 0)
    return media
  }
  const form = async () => {
    const onSent = (sent: number) => meter.sending('form', sent)
    const attempt = () =>
      uploadByForm(file, { endpoint, idempotencyKey, caption, headers, signal, limiter, onSent })
    try {
      // Where a proxy says no, the other way is open at once.
      return await withRetries(attempt, options, 0)
    } catch (error) {
      onSent(0)
      if (isForeignRefusal(error) && (error as UploadError).status === 413) refusedForms.set(endpoint, size)
      throw error
    }
  }
  const { size } = file
  const fits = size <= formLimit && size < (refusedForms.get(endpoint) ?? Infinity)
  const isForm = fits && !unclearName.test(file.name)
  let refusal: unknown
  try {
    for (const way of isForm ? [form, direct] : [direct, form]) {
      try {
        const media = await way()
        if (!media) continue
        if (refusal && way === form) {
          await cancelRemembered(fileKey(endpoint, file), { endpoint, headers, memory })
        }
        return media
      } catch (error) {
        // What the storage has already is not sent again another way.
        if (!isForeignRefusal(error) || meter.sent > 0) throw error
        // The first refusal is the one to tell: the other way is a detour.
        refusal ??= error
      }
    }
    throw refusal
  } catch (error) {
    signal?.throwIfAborted()
    throw asUploadError(error)
  }
}

/** Browsers write a quote in a form as %22, and what is written %22 already as it is. Direct uploads tell both apart. */
const unclearName = /%(22|0D|0A)/i

/**
 * By endpoint: what a proxy has found too large for a form. A browser may send all of it before it hears that, so the
 * next ones of that size go the other way first.
 */
const refusedForms = new Map<string, number>()

let memory: UploadMemory | undefined

/** One for all uploads of this page. */
export function defaultMemory(): UploadMemory {
  memory ??= createDefaultMemory()
  return memory
}

/** Some browsers throw at the mere name where cookies are blocked. */
function createDefaultMemory(): UploadMemory {
  try {
    return typeof indexedDB === 'undefined' ? createPageMemory() : createBrowserMemory(indexedDB)
  } catch {
    return createPageMemory()
  }
}
