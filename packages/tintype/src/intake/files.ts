/** A file on its way from the client to the ledger, by any way in. */
import type { Early } from '../derive/early.ts'
import type { MediaLimits } from '../inspect/limits.ts'
import type { Sound } from '../inspect/verdict.ts'
import type { PrivacyOptions } from '../privacy/policy.ts'
import type { CleanedBytes } from './clean/cleaned.ts'

/** A file that has arrived whole, in memory; nothing in it has been believed yet. */
export interface ReceivedFile {
  bytes: Buffer
  /** Of `bytes`, lower-case hex, computed while they arrived. */
  sha256: string
  /** The client's name for it. */
  rawName: string | undefined
  /** Of the form's field that it came in. @default those of the app */
  limits?: MediaLimits
  /** What the app wants kept of it, or removed. @default what holds for all */
  privacy?: PrivacyOptions | undefined
  /** The bytes are in memory of the app's own, or needed as they were sent: they are read, and never written to. */
  isOthers?: boolean
}

/** Whole in memory, and not believed yet; or in the bucket under a key that is scheduled for deletion, and examined there. */
export type ArrivedFile = ReceivedFile | StoredFile

export interface StoredFile {
  /** Of what was sent. */
  sha256: string
  examined: CleanedFile
}

/** A file that passed: all that has to be kept of it, the original first. */
export interface Examined {
  verdict: Sound
  name: string
  placeholder: string | null
  /** What a hook of the app has said about it instead of its sender. */
  caption?: string | null
  alt?: string | null
  /** JSON; null for none. */
  data?: string | null
  objects: [original: NewObject | StoredObject, ...variants: NewObject[]]
  /** Further variants, which are being made. */
  early?: Early | undefined
}

/** One that was looked through for what is private, and changed where there was something: nothing else is published. */
export interface CleanedFile extends Examined {
  cleaning: CleanedBytes
}

interface ObjectFacts {
  /** `original`, or the variant's name. */
  name: string
  type: string
  size: number
  sha256: string
  width: number
  height: number
  /** By what a variant was made. */
  recipe?: string
}

/** An object in memory, still to be stored. */
export interface NewObject extends ObjectFacts {
  ext: string
  bytes: Uint8Array
}

/** An object that is in the bucket already: under a key on the sweep list, due at `dueAt`. */
export interface StoredObject extends ObjectFacts {
  key: string
  dueAt: number
  /** Until then a signed URL may write to the key. */
  writableUntil: number | null
}
