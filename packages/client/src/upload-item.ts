import type { Media } from '@tintype/protocol'
import type { UploadError } from './errors.ts'
import type { Waiting } from './retry.ts'
import type { UploadEvent } from './scan.ts'

/** State of an item. `checking`: all is sent and the server inspects the file. */
export type UploadState = 'queued' | 'uploading' | 'checking' | 'paused' | 'done' | 'failed' | 'cancelled'

/** One file of the queue. Immutable: a change makes a new object. */
export interface UploadItem {
  /** Also the Idempotency-Key of its form. */
  readonly id: string
  /** Undefined for an upload of an earlier page whose file hasn't been read again. */
  readonly file?: File | undefined
  /** Name of the file. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** See {@link UploadState}. */
  readonly state: UploadState
  /** Bytes of the file that were sent. */
  readonly sent: number
  /** Over the last seconds; 0 until something was sent. */
  readonly bytesPerSecond: number
  /** At this speed; null while there is none. */
  readonly secondsLeft: number | null
  /** With `uploading`: nothing is sent now, and why. */
  readonly waiting?: Waiting | undefined
  /** Whether a pause keeps what has arrived. A form, which is one request, can't be paused once it is under way. */
  readonly canPause: boolean
  /** It can go on only when the file is chosen again. */
  readonly needsFile: boolean
  /** `resumed`: it goes on where it stopped. `changed`: it started again, because the file has changed. */
  readonly note?: Exclude<UploadEvent, 'checking'>
  /** With `failed`; with `queued`, the 401 after which it waits for `signIn`. */
  readonly error?: UploadError | undefined
  /** With `done`. */
  readonly media?: Media
}

/** An item for a new file, or one that is queued again. */
export function waitingItem(id: string, file: File): UploadItem {
  const { name, size } = file
  return {
    ...{ id, file, name, size, sent: 0 },
    ...{ state: 'queued', needsFile: false, canPause: true, ...still },
  }
}

/** An item for a chosen file that can't be opened. */
export function unreadableItem(id: string, name: string, error: UploadError): UploadItem {
  return {
    ...{ id, name, size: 0, sent: 0, state: 'failed', error, needsFile: true, canPause: false },
    ...still,
  }
}

/** Progress of an item that isn't sending. */
export const still = { bytesPerSecond: 0, secondsLeft: null, waiting: undefined } as const
