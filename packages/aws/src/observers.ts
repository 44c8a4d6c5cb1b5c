import type { Aws } from './clients.ts'
import type { Bodies, Kind, ResourceOf } from './resources.ts'

/** A resource as it is, in the shape of the desired state. */
export interface Observed<T extends Kind = Kind> {
  /** Undefined: nothing yet. */
  body: Bodies[T] | undefined
  /** What others have put into the same setting of the bucket: it stays. */
  others?: readonly unknown[]
  /** Other members of that setting, which are written back as they were: a policy's Version and Id. */
  beside?: Record<string, unknown>
  /** What to know before anything is changed, as sentences. */
  notes?: readonly string[]
}

/** The account that is looked at. */
export interface ObserveContext {
  /** See {@link createAws}. */
  aws: Aws
  /** Number of the account. */
  account: string
  /** Region of the bucket. */
  region: string
}

export type Observers<T extends Kind> = {
  [K in T]: (resource: ResourceOf<K>, context: ObserveContext) => Promise<Observed<K>>
}
