import type { Media } from '@tintype/protocol'
import type { AddedFile } from './added-file.ts'
import type { UploadError } from './errors.ts'
import type { UploadOptions } from './upload.ts'
import type { UploadItem } from './upload-item.ts'

/** Options of `createUploads`; those of `upload` that make sense for many files, and two more. */
export interface UploadsOptions
  extends Pick<
    UploadOptions,
    'endpoint' | 'headers' | 'credentials' | 'retries' | 'sleep' | 'random' | 'formLimit' | 'memory'
  > {
  /** Files that upload at a time. At most five request bodies are sent at a time, whatever this is. @default 3 */
  concurrency?: number
  /**
   * Called once for all files when the session has ended (401). They wait until it resolves and then go on; if it
   * rejects, they fail. If `headers` hold a token, put the new one there: they are read for each request.
   */
  signIn?: (error: UploadError) => Promise<void>
  /** Called once for each file that is done. */
  onMedia?: (media: Media, item: UploadItem) => void
}

/** A queue of uploads: see `createUploads`. */
export interface Uploads {
  /** A snapshot, in the order of adding: the same array until something changes. */
  readonly items: readonly UploadItem[]
  /** Calls back after changes, for progress at most once per 16 ms. @returns unsubscribes */
  subscribe(listener: () => void): () => void
  /**
   * Adds what earlier pages left unfinished, as paused items. Those whose file can be read without asking the user go
   * on at once, unless the user had paused them.
   */
  restore(): Promise<void>
  /** Queues files and starts as many as may run. A file that an unfinished item waits for goes to that item. */
  add(files: Iterable<AddedFile>): void
  /** Stops a queued or uploading file and keeps what has arrived. Does nothing where the item's `canPause` is false. */
  pause(id: string): void
  /**
   * Continues a paused file. Call it from a click handler: the browser may have to ask the user for permission to read
   * the file. An item that `needsFile` goes on when that file is added.
   */
  resume(id: string): void
  /** Pauses every file that can be. */
  pauseAll(): void
  /** Resumes every paused file, but those that must be chosen again. */
  resumeAll(): void
  /** Queues a failed or cancelled file again, under its first Idempotency-Key. */
  retry(id: string): void
  /** Stops a file and forgets what has arrived. A form may have been stored by then. */
  cancel(id: string): void
  /** Removes a file from the list, and cancels it unless it has ended. */
  remove(id: string): void
  /** Removes the files that are done from the list. */
  clearDone(): void
  /** Stops everything as a pause does, and tells no listener any more: for a page that has no use for the queue. */
  close(): void
}
