import type { UploadOptions } from './upload.ts'

/** A file, with what is known of where it came from. `idempotencyKey` becomes the item's id. */
export type AddedFile =
  | File
  | ({ file: File } & Origin & Pick<UploadOptions, 'idempotencyKey'>)
  | UnreadableFile

/** One that was chosen and can't be opened: its item fails with the reason, and goes on when it is chosen again. */
export interface UnreadableFile {
  name: string
  /** What the browser threw. */
  cause: unknown
}

/** Where a file came from. */
export type Origin = Pick<UploadOptions, 'handle' | 'path' | 'replaces'>
