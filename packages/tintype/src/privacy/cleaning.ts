/**
 * What cleaning a file comes to: which bytes are overwritten, what was found, and what may still be in there. A format's
 * cleaner is a pure function of the file's bytes. It never moves a byte, so that no offset in the file breaks, and never
 * touches a pixel or a sample.
 */
export interface Cleaning {
  /** Bytes to overwrite, in order, none of them twice. The file keeps its length. */
  edits: Edit[]
  /** What the file held, whether the policy removes it or not. */
  found: Found
  /** Where it was taken, in degrees and metres, as the first place that says so has it. */
  position?: Position
  /** For people: why something private may still be in the file. Then its original goes to nobody but its owner. */
  unsure?: string
  /** What became of its Content Credentials (C2PA). */
  credentials: Credentials
}

export interface Edit {
  /** From the beginning of the file. */
  offset: number
  bytes: Uint8Array
}

export interface Found {
  /** Coordinates, or names of places. */
  location: boolean
  /** Serial numbers, the owner's name, unique identifiers. */
  identifiers: boolean
  /**
   * What shows or may say either of them: embedded thumbnails (they show what was cropped), and blocks whose meaning is
   * not known. Removed unless the policy keeps both.
   */
  other: boolean
}

export interface Position {
  latitude: number
  longitude: number
  altitude?: number
}

/** `untouched`: they are in the file as they came. `invalidated`: they were removed, or no longer fit the file. */
export type Credentials = 'none' | 'untouched' | 'invalidated'

export interface PrivacyPolicy {
  location: 'remove' | 'keep'
  identifiers: 'remove' | 'keep'
  /**
   * `keep` leaves a file that has Content Credentials as it is, to the last byte; it then counts as unsure, so that its
   * original goes to nobody but its owner.
   * @default 'remove'
   */
  credentials?: 'remove' | 'keep'
}

/** The bytes of a file: by ranged reads, or in memory. A `RangeSource` is one. */
export interface CleaningSource {
  size: number
  /** Bytes from `start` up to but without `end`. */
  read(start: number, end: number): Promise<Uint8Array>
  /** All of them, where they are in memory. Cleaning doesn't change them. */
  bytes?: Uint8Array
}

/** A file of another format inside of one, such as the clip in a motion photo. */
export interface Embedded {
  type: string
  /** From the beginning of the file that it is in. */
  offset: number
  length: number
  /** Where its bytes move to, if they do: what is to be overwritten in it is overwritten there. */
  into?: { bytes: Buffer; offset: number }
}

export function fromMemory(bytes: Uint8Array): CleaningSource {
  return { size: bytes.length, bytes, read: async (start, end) => bytes.subarray(start, end) }
}

/** Overwrites the bytes of a file that is in memory. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): void {
  for (const edit of edits) bytes.set(edit.bytes, edit.offset)
}
