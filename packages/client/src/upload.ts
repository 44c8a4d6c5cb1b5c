import type { Media } from '@tintype/protocol'
import { type ConcurrencyLimiter, createConcurrencyLimiter } from './concurrency.ts'
import { cancelRemembered, uploadDirect } from './direct.ts'
import { asUploadError, isForeignRefusal, type UploadError } from './errors.ts'
import { uploadByForm } from './form.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { createBrowserMemory } from './indexed-db.ts'
import { createPageMemory, fileKey, type UploadMemory } from './memory.ts'
import { createProgressMeter, type Progress } from './progress.ts'
import { type RetryOptions, withRetries } from './retry.ts'
import type { UploadEvent } from './scan.ts'
import type { Credentials, RequestHeaders } from './transport.ts'

/** Options of {@link upload}. */
export interface UploadOptions extends RetryOptions {
  /** Where the API is mounted, e.g. `/api` or `https://photos.example.org/api`. */
  endpoint: string
  /** Becomes the media's caption. */
  caption?: string | undefined
  /** Text fields for the app's hooks, as beside the file in a form. A list has indexes: `tags[0]`, `tags[1]`. */
  fields?: Record<string, string> | undefined
  /** Called as bytes are sent. In Node only after each part. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Called before the file is sent one way, and before another is tried. A form that is stopped begins again. */
  onWay?: ((way: 'form' | 'direct') => void) | undefined
  /** `checking`; of direct uploads also `resumed`, and `changed` (started again, because the file has changed). */
  onEvent?: ((event: UploadEvent) => void) | undefined
  /**
   * Sent with every request to the server and none to the storage, e.g. `{ Authorization: 'Bearer …' }`. A function is asked
   * before each request: for tokens that are renewed.
   */
  headers?: RequestHeaders | undefined
  /**
   * `include` sends cookies to a server on another origin, too, which has to name this page's origin in `origins`; never to
   * the storage. @default 'same-origin'
   */
  credentials?: Credentials | undefined
  /**
   * Bytes. Files up to this size go through the server as a form, larger ones straight to the storage.
   * @default 8 MiB
   */
  formLimit?: number | undefined
  /**
   * The key of an earlier call, to repeat a form whose outcome is unknown without storing it twice.
   * @default a new one
   */
  idempotencyKey?: string | undefined
  /** Remembers unfinished direct uploads. @default IndexedDB, or this process where there is none */
  memory?: UploadMemory | undefined
  /** Shared with other uploads, see {@link createConcurrencyLimiter}. @default a limiter of its own */
  limiter?: ConcurrencyLimiter | undefined
  /** Key of a remembered upload of an older version of this file: it is cancelled, and the event is `changed`. */
  replaces?: string | undefined
  /** Path of the file. Only stored in `memory`, for programs that look it up there. */
  path?: string | undefined
  /** Stored in `memory`, so that the file can be read again after a reload (Chromium). */
  handle?: FileSystemFileHandle | undefined
}

/**
 * Uploads one file and resolves with its media. Retries with back-off what may succeed later (no connection, 408, 429,
 * 5xx, expired URLs). Small files go as a form, under one Idempotency-Key, so that a lost answer stores nothing twice.
 * Large ones go straight to the storage in parallel parts; a later call with the same file goes on where this one
 * stopped. What a proxy refuses one way is tried the other way. Where the app scans files, and that takes long, this waits
 * for it.
 *
 * @throws {UploadError} when it is refused or the retries are used up
 * @throws the signal's reason when aborted. `new UploadPaused()` keeps what has arrived for a later call; any other
 * reason cancels the upload at the server too (a form may have been stored by then)
 * @example
 * const media = await upload(file, { endpoint: '/api', caption: 'Lisbon' })
 */
export async function upload(file: File, options: UploadOptions): Promise<Media> {
  const { signal, onProgress, onEvent, onWay, formLimit = 8 * 1024 ** 2 } = options
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
    const attempt = () => uploadByForm(file, { ...options, endpoint, idempotencyKey, limiter, onSent })
    try {
      // No retries after a refusal by a proxy: the other way is tried at once.
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
        onWay?.(way === form ? 'form' : 'direct')
        const media = await way()
        if (!media) continue
        if (refusal && way === form) {
          await cancelRemembered(fileKey(endpoint, file), { ...options, endpoint, memory })
        }
        return media
      } catch (error) {
        // Parts that have arrived are not sent again another way.
        if (!isForeignRefusal(error) || meter.sent > 0) throw error
        // If both ways fail, the first refusal is the one to report.
        refusal ??= error
      }
    }
    throw refusal
  } catch (error) {
    signal?.throwIfAborted()
    throw asUploadError(error)
  } finally {
    meter.stop()
  }
}

/** In a form, browsers write a quote as %22 and leave a literal %22 as it is. Direct uploads can tell the two apart. */
const unclearName = /%(22|0D|0A)/i

/**
 * By endpoint, the size that a proxy refused as a form. A browser may send all of a form before it sees the refusal, so
 * later files of that size try the other way first.
 */
const refusedForms = new Map<string, number>()

let memory: UploadMemory | undefined

/** One memory for all uploads of this page. */
export function defaultMemory(): UploadMemory {
  memory ??= createDefaultMemory()
  return memory
}

/** Some browsers throw when `indexedDB` is merely named, if cookies are blocked. */
function createDefaultMemory(): UploadMemory {
  try {
    return typeof indexedDB === 'undefined' ? createPageMemory() : createBrowserMemory(indexedDB)
  } catch {
    return createPageMemory()
  }
}
