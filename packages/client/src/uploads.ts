import type { Media } from '@tintype/protocol'
import { UploadError } from './errors.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { type UploadOptions, upload } from './upload.ts'

export type UploadState = 'queued' | 'uploading' | 'done' | 'failed' | 'cancelled'

/** One file on its way. Never changed in place: a change makes a new object. */
export interface UploadItem {
  readonly id: string
  readonly file: File
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly state: UploadState
  /** Bytes of the file that went out in this try. */
  readonly sent: number
  /** With `failed`. */
  readonly error?: UploadError
  /** With `done`. */
  readonly media?: Media
}

export interface UploadsOptions
  extends Pick<UploadOptions, 'endpoint' | 'headers' | 'retries' | 'sleep' | 'random'> {
  /** Files on the wire at a time. @default 3 */
  concurrency?: number
}

export interface Uploads {
  /** A snapshot, in the order of adding: the same array until something changes. */
  readonly items: readonly UploadItem[]
  /** Calls back after changes, at most once per 16 ms for progress. Returns the way out. */
  subscribe(listener: () => void): () => void
  /** Queues files and starts what may start. */
  add(files: Iterable<File>): void
  /** Queues a failed or cancelled file again, under its first Idempotency-Key. */
  retry(id: string): void
  /** Stops a file that is queued or on its way. The server may have stored it by then. */
  cancel(id: string): void
  /** Forgets a file, after cancelling it where it is not at an end. */
  remove(id: string): void
  /** Forgets every file that is done. */
  clearDone(): void
}

/**
 * A queue of uploads as a plain store, for any framework or none. 500 files are fine: progress is
 * gathered and told in batches.
 *
 * ```ts
 * const uploads = createUploads({ endpoint: '/api' })
 * uploads.subscribe(() => render(uploads.items))
 * input.onchange = () => uploads.add(input.files)
 * ```
 */
export function createUploads(options: UploadsOptions): Uploads {
  const { concurrency = 3, ...uploadOptions } = options
  const entries = new Map<string, UploadItem>()
  const running = new Map<string, AbortController>()
  const listeners = new Set<() => void>()
  let snapshot: readonly UploadItem[] = []
  let batch: ReturnType<typeof setTimeout> | undefined

  const publish = () => {
    clearTimeout(batch)
    batch = undefined
    snapshot = [...entries.values()]
    for (const listener of [...listeners]) listener()
  }
  const publishSoon = () => {
    // A timer, not an animation frame: those stand still in a tab that is not shown.
    batch ??= setTimeout(publish, 16)
  }
  const set = (id: string, change: Partial<UploadItem>) => {
    const item = entries.get(id)
    if (item) entries.set(id, { ...item, ...change })
  }

  const start = async ({ id, file }: UploadItem) => {
    const controller = new AbortController()
    running.set(id, controller)
    set(id, { state: 'uploading' })
    const { signal } = controller
    const onProgress = ({ sent }: { sent: number }) => {
      if (signal.aborted) return
      set(id, { sent })
      publishSoon()
    }
    try {
      const media = await upload(file, { ...uploadOptions, idempotencyKey: id, signal, onProgress })
      if (!signal.aborted) set(id, { state: 'done', sent: file.size, media })
    } catch (error) {
      if (!signal.aborted) set(id, { state: 'failed', error: asUploadError(error) })
    }
    if (running.get(id) === controller) running.delete(id)
    startWhatMay()
    publish()
  }
  const startWhatMay = () => {
    for (const item of entries.values()) {
      if (running.size >= concurrency) return
      if (item.state === 'queued') void start(item)
    }
  }
  const stop = (id: string) => {
    running.get(id)?.abort()
    running.delete(id)
  }

  return {
    get items() {
      return snapshot
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add(files) {
      for (const file of files) {
        // The item's id is its Idempotency-Key: as unique, and kept as long.
        const id = createIdempotencyKey()
        entries.set(id, { id, file, name: file.name, size: file.size, state: 'queued', sent: 0 })
      }
      startWhatMay()
      publish()
    },
    retry(id) {
      const item = entries.get(id)
      if (item?.state !== 'failed' && item?.state !== 'cancelled') return
      const { error: _, ...rest } = item
      entries.set(id, { ...rest, state: 'queued', sent: 0 })
      startWhatMay()
      publish()
    },
    cancel(id) {
      const item = entries.get(id)
      if (item?.state !== 'queued' && item?.state !== 'uploading') return
      set(id, { state: 'cancelled' })
      stop(id)
      startWhatMay()
      publish()
    },
    remove(id) {
      stop(id)
      entries.delete(id)
      startWhatMay()
      publish()
    },
    clearDone() {
      for (const item of [...entries.values()]) if (item.state === 'done') entries.delete(item.id)
      publish()
    },
  }
}

const asUploadError = (error: unknown) =>
  error instanceof UploadError
    ? error
    : new UploadError('network', 'The file can’t be read or sent.', {
        status: 0,
        retryable: true,
        cause: error,
      })
