import type { Bucket } from '../../bucket/bucket.ts'
import type { MediaLimits } from '../../inspect/limits.ts'
import type { TextLimits } from '../../intake/form/form-shape.ts'
import type { Resumable } from '../../intake/resumable/resumable.ts'
import type { Answer, ApiRequest } from '../exchange.ts'

export interface ResumableRoutesOptions {
  resumable: Resumable
  bucket: Bucket
  limits: MediaLimits
  textLimits: TextLimits
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  /** The same for what belongs to an upload that has begun: it doesn't count as a write. */
  sessionOwnerOf(request: ApiRequest): Promise<string>
  /** Makes an answer of an error. */
  refuse(thrown: unknown, request: ApiRequest): Answer
  now(): number
}
