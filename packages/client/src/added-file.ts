import type { Media } from '@tintype/protocol'
import type { UploadOptions } from './upload.ts'

/** A file to upload, possibly with where it came from. `idempotencyKey` becomes the item's id. */
export type AddedFile =
  | File
  | ({ file: File } & Origin & About & Pick<UploadOptions, 'idempotencyKey'>)
  | UnreadableFile

/** A chosen file that can't be opened: its item fails with the reason, and goes on when the file is chosen again. */
export interface UnreadableFile {
  /** Name of the file. */
  name: string
  /** What the browser threw. */
  cause: unknown
}

/** What is said of a file. `alt` and `data` are added once it is there. */
export type About = Pick<UploadOptions, 'caption' | 'fields'> & Partial<Pick<Media, 'alt' | 'data'>>

/** Where a file came from. */
export type Origin = Pick<UploadOptions, 'handle' | 'path' | 'replaces'>
