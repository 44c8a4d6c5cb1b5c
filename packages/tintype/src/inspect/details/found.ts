import type { TakenFrom } from '@tintype/protocol'
import type { Details, TakenAt } from './details.ts'

/** What one place of a file says: its Exif block, its XMP, ... */
export interface Found extends Omit<Details, 'takenAt'> {
  taken?: TakenAt | undefined
  /** When it was last changed: a date of last resort. */
  changed?: TakenAt | undefined
}

export function found(time: string | undefined, from: TakenFrom): TakenAt | undefined {
  return time === undefined || time === '' ? undefined : { time, from }
}

/**
 * All of it together: what comes first wins. A time without an offset gets that of another place which has the same clock:
 * programs that develop photos write the whole of it into XMP alone.
 */
export function merge(places: readonly Found[]): Details {
  const first = <Name extends keyof Found>(name: Name): Found[Name] =>
    places.find((one) => one[name] !== undefined)?.[name]
  const taken = first('taken')
  const whole = taken && places.find(({ taken: other }) => other && isWhole(other.time, taken.time))?.taken
  const features = [...new Set(places.flatMap((one) => one.features ?? []))]
  const details: Details = {}
  const set = <Name extends keyof Details>(name: Name, value: Details[Name]) => {
    if (value !== undefined) details[name] = value
  }
  set('takenAt', taken ? { time: whole?.time ?? taken.time, from: taken.from } : first('changed'))
  set('camera', first('camera'))
  set('lens', first('lens'))
  set('contentId', first('contentId'))
  set('features', features.length > 0 ? features : undefined)
  return details
}

/** Whether it is the same second, with an offset. */
function isWhole(time: string, bare: string): boolean {
  return (
    !/[Z+]|-\d\d:/.test(bare.slice(19)) &&
    /[+-]\d\d:\d\d$/.test(time) &&
    time.slice(0, 19) === bare.slice(0, 19)
  )
}
