import type { Media } from '@tintype/protocol'
import type { UploadEvent } from './direct.ts'
import type { UploadError } from './errors.ts'

/** `checking`: all is sent, the server looks into the file. */
export type UploadState = 'queued' | 'uploading' | 'checking' | 'paused' | 'done' | 'failed' | 'cancelled'

/** One file on its way. Never changed in place: a change makes a new object. */
export interface UploadItem {
  readonly id: string
  /** Undefined for an upload of an earlier page whose file hasn't been read again. */
  readonly file?: File | undefined
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly state: UploadState
  /** Bytes of the file that went out. */
  readonly sent: number
  readonly bytesPerSecond: number
  /** Null while that can't be said. */
  readonly secondsLeft: number | null
  /** It can go on only when the file is chosen again. */
  readonly needsFile: boolean
  /** `resumed`: it goes on where it stopped. `changed`: it began anew, since the file is another one now. */
  readonly note?: Exclude<UploadEvent, 'checking'>
  /** With `failed`; with `queued`, the 401 after which it waits for `signIn`. */
  readonly error?: UploadError | undefined
  /** With `done`. */
  readonly media?: Media
}

/** One that has just come, or comes again. */
export function waitingItem(id: string, file: File): UploadItem {
  const { name, size } = file
  return { ...{ id, file, name, size, sent: 0 }, ...{ state: 'queued', needsFile: false, ...still } }
}

/** One that an earlier page has left. */
export function restoredItem(
  id: string,
  about: Pick<UploadItem, 'name' | 'size' | 'sent' | 'needsFile'>,
): UploadItem {
  return { id, ...about, state: 'paused', ...still }
}

/** One that was chosen and can't be opened. */
export function unreadableItem(id: string, name: string, error: UploadError): UploadItem {
  return { ...{ id, name, size: 0, sent: 0, state: 'failed', error, needsFile: true }, ...still }
}

/** Nothing moves. */
export const still = { bytesPerSecond: 0, secondsLeft: null } as const
