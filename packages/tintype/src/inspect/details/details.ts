import type { MediaFeature, TakenFrom } from '@tintype/protocol'

/** What a file says of how it was made, beside what has to be known to take it. Everything in it is the file's own claim. */
export interface Details {
  takenAt?: TakenAt | undefined
  /** Make and model, cleaned: `Apple iPhone 15 Pro`. */
  camera?: string | undefined
  lens?: string | undefined
  features?: MediaFeature[] | undefined
  /** What the two halves of a Live Photo have in common. */
  contentId?: string | undefined
  /** Of a video, as RFC 6381 writes it: `avc1.64001f`. */
  codec?: string | undefined
  /** Whether browsers at large play it. */
  playable?: boolean | undefined
  /** Of a picture: its variants stand at a right angle to what browsers show of it. */
  turned?: true | undefined
  /** Clockwise degrees by which a player turns its frames: 0, 90, 180 or 270. */
  rotation?: number | undefined
}

export interface TakenAt {
  /**
   * RFC 3339, with the digits of the second and the offset that were written down: `2024-01-31T14:25:01.12+09:00`. `Z` where
   * the instant is known and the offset of the place is not; neither where only the wall clock is known.
   */
  time: string
  from: TakenFrom
}
