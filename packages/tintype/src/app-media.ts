import type { Bucket } from './bucket/bucket.ts'
import { createMediaClaims } from './claims.ts'
import type { Idempotency } from './intake/idempotency.ts'
import { createMediaCreation, type MediaCreationOptions } from './intake/server/media-creation.ts'
import type { Tintype } from './interface.ts'
import { createMediaApi, type MediaApi, type MediaApiOptions } from './media-api.ts'
import { createMediaUndo, type MediaUndo, type MediaUndoOptions } from './media-undo.ts'
import { type Lead, present } from './present.ts'

export interface AppMediaOptions
  extends Omit<MediaApiOptions, 'lead' | 'undo' | 'variants'>,
    Pick<MediaUndoOptions, 'quotas' | 'undo' | 'grace' | 'claimWithin'> {
  bucket: Bucket
  variants: MediaApiOptions['variants'] & MediaUndoOptions['variants']
  intake: MediaCreationOptions['intake']
  idempotency: Idempotency
  /** Where URLs lead that no request has asked for. */
  leadHome: Lead
}

export interface AppMedia {
  /** All calls of `tintype.media`. */
  calls: Tintype['media']
  /** Those that the HTTP API makes, too, with URLs that lead where its request came from. */
  mediaFor(lead: Lead): MediaApi
  undoFor(lead: Lead): MediaUndo
}

/** What an app does with media by `tintype.media`: looks at them, removes, brings back, makes and claims them. */
export function createAppMedia({ intake, idempotency, leadHome, ...options }: AppMediaOptions): AppMedia {
  const { records, bucket, clock, claimWithin } = options
  const { ledger, media: rows } = records
  const mediaFor = (lead: Lead) => createMediaApi({ ...options, lead })
  const undoFor = (lead: Lead) => createMediaUndo({ ...options, lead })
  const media = mediaFor(leadHome)
  const creation = createMediaCreation({
    intake,
    idempotency,
    media: rows,
    ledger,
    present: (made) => present(made, bucket, leadHome),
  })
  const claims = createMediaClaims({ ledger, remove: media.remove, clock, claimWithin })
  return { calls: { ...media, ...undoFor(leadHome), ...creation, ...claims }, mediaFor, undoFor }
}
