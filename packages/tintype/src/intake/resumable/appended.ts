import type { MediaWithVariants } from '../../records/media-records.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'

/** What an append has led to. */
export type Appended = { upload: ResumableUpload } & (
  | { state: 'open' }
  | { state: 'scanning' }
  | { state: 'complete'; media: MediaWithVariants }
)
