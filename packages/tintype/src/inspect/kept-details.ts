import type { Media } from '@tintype/protocol'
import type { Details } from './details.ts'
import { instantOf } from './time-text.ts'

/** Milliseconds by which a camera's clock may be ahead: without an offset, by the 14 hours that some places are, too. */
const ahead = 24 * 60 * 60 * 1000

/**
 * What is kept of a file's details. Dates that are still to come are nobody's.
 *
 * @param now milliseconds since the epoch
 */
export function keepDetails(details: Details | undefined, createdAt: number, now: number) {
  const { contentId = null, takenAt, ...others } = details ?? {}
  const taken = takenAt && instantOf(takenAt.time)
  const isKnown = taken !== undefined && taken <= now + ahead
  const kept = { ...(isKnown ? { takenAt } : {}), ...others }
  return {
    taken_order: isKnown ? taken : createdAt,
    content_id: contentId,
    details: Object.keys(kept).length === 0 ? null : JSON.stringify(kept),
  }
}

/** As they are shown, from the JSON that was kept. */
export function shownDetails(
  json: string | null,
): Pick<Media, 'takenAt' | 'takenFrom' | 'camera' | 'lens' | 'features' | 'codec' | 'playable' | 'rotation'> {
  if (json === null) return {}
  const { takenAt, ...others }: Omit<Details, 'contentId'> = JSON.parse(json)
  const date = takenAt ? { takenAt: takenAt.time, takenFrom: takenAt.from } : {}
  return { ...date, ...(others as object) }
}
