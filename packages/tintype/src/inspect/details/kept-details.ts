import type { Media } from '@tintype/protocol'
import type { Details } from './details.ts'
import { dateInName } from './name-date.ts'
import { instantOf } from './time-text.ts'

/** Milliseconds by which a camera's clock may be ahead: without an offset, by the 14 hours that some places are, too. */
const ahead = 24 * 60 * 60 * 1000

/**
 * The columns of what a file, or else its name, says of itself. Dates that are still to come are nobody's.
 *
 * @param createdAt in milliseconds since the epoch, as `now` is
 */
export function keepDetails(
  { details = {}, name }: { details?: Details | undefined; name: string },
  { createdAt, now }: { createdAt: number; now: number },
) {
  const { contentId = null, takenAt: _, ...others } = details
  const takenAt = [details.takenAt, dateInName(name)].find((one) => one && instantOf(one.time) <= now + ahead)
  // It stands first, its time before all: by that searches find it in the text.
  const kept = JSON.stringify({ takenAt: takenAt && { time: takenAt.time, from: takenAt.from }, ...others })
  return {
    taken_order: takenAt ? instantOf(takenAt.time) : createdAt,
    content_id: contentId,
    details: kept === '{}' ? null : kept,
  }
}

/** As they are shown, from the JSON that was kept. */
export function shownDetails(
  json: string | null,
): Pick<
  Media,
  'takenAt' | 'takenFrom' | 'camera' | 'lens' | 'features' | 'turned' | 'codec' | 'playable' | 'rotation'
> {
  if (json === null) return {}
  const { takenAt, ...others }: Omit<Details, 'contentId'> = JSON.parse(json)
  const date = takenAt ? { takenAt: takenAt.time, takenFrom: takenAt.from } : {}
  return { ...date, ...(others as object) }
}
