import type { Announced } from '../direct/session-plan.ts'

/** What is said of an upload when it begins. */
export interface NewResumable extends Omit<Announced, 'bytes'> {
  /** Null: not known yet. */
  size: number | null
  /** As they were sent. */
  metadata?: string | undefined
  concat?: string | undefined
}

export interface FromRequest {
  /** The app's own. */
  request: object
  signal: AbortSignal
}
