import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { type Posters, posterSpec } from '../intake/poster.ts'
import type { Sender } from '../intake/requester.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import { type Attempt, lease } from './attempt.ts'
import { type Configured, hasPicture, jobFor } from './configured.ts'

/**
 * Keeps a picture as the poster of a video that has none: a frame that a browser has shown, where nothing here can decode
 * the video. It is inspected and decoded as any picture, and made anew: nothing of its bytes is stored. That it is of this
 * very video can't be known; it is its owner who says so.
 *
 * @returns false where there is one by now, which stays
 * @throws {TintypeError} `conflict` for a photo; 415 or 422 with what is wrong with the picture; `not_found` where the video
 * has gone; `overloaded`
 */
export type KeepPoster = (found: MediaWithVariants, picture: Buffer, sender: Sender) => Promise<boolean>

export function createKeepPoster({
  records,
  posters,
  configured,
  attempt,
  wake,
  clock,
}: {
  records: Pick<Records, 'variants'>
  posters: Pick<Posters, 'fromPicture'>
  configured: Pick<Configured, 'atOnce' | 'afterwards'>
  attempt: Attempt
  wake(): void
  clock: Clock
}): KeepPoster {
  const { variants } = records
  return async ({ media: { id, kind }, variants: made }, picture, sender) => {
    if (kind !== 'video') throw new TintypeError('conflict', 'A photo needs no poster: only videos have one.')
    if (hasPicture({ kind }, made)) return false
    const pictures = await posters.fromPicture(picture, sender)
    const now = clock.now()
    const specs = [posterSpec, ...configured.atOnce]
    const jobs = specs.map((spec) => jobFor(id, spec, now, now + lease))
    const taken = await variants.takeOver(jobs, now)
    if (taken === 'absent') throw gone()
    if ((await variants.find(id, posterSpec.name)).made) return false
    if (!taken)
      throw new TintypeError('overloaded', 'A poster of this video is being made. Ask again in a moment.')
    const { made: rows, error } = await attempt(jobs, {
      signal: sender.signal,
      isBackground: false,
      pictures,
    })
    if (rows.length === 0) throw error ?? gone()
    // Only now is there something to make them of. Where this is lost, they are made when they are asked for.
    for (const spec of configured.afterwards) await variants.add(jobFor(id, spec, now))
    wake()
    return true
  }
}

function gone(): TintypeError {
  return new TintypeError('not_found', 'There is no such video any more.')
}
