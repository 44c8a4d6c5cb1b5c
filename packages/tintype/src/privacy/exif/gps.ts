import { numbersOf, type Tiff, type TiffDirectory, textOf } from '../../metadata/tiff.ts'
import type { Position } from '../cleaning.ts'

/** The position of the first GPS directory that has a whole one. */
export function positionOf(tiff: Tiff): Position | undefined {
  for (const directory of tiff.directories) {
    if (directory.name !== 'GPS') continue
    const latitude = degrees(tiff, directory, 1, 2, 'S')
    const longitude = degrees(tiff, directory, 3, 4, 'W')
    const position = toPosition(latitude, longitude, altitude(tiff, directory))
    if (position) return position
  }
  return undefined
}

/** Nothing where it is nowhere on Earth. */
export function toPosition(
  latitude: number | undefined,
  longitude: number | undefined,
  altitude?: number | undefined,
): Position | undefined {
  if (latitude === undefined || longitude === undefined) return undefined
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
  const isHigh = altitude !== undefined && Number.isFinite(altitude)
  return { latitude, longitude, ...(isHigh && { altitude }) }
}

function degrees(
  tiff: Tiff,
  { entries }: TiffDirectory,
  refTag: number,
  tag: number,
  negative: string,
): number | undefined {
  const value = entries.find((entry) => entry.tag === tag)
  const ref = entries.find((entry) => entry.tag === refTag)
  if (!value) return undefined
  const [whole = Number.NaN, minutes = 0, seconds = 0] = numbersOf(tiff, value, 3)
  // Seconds that were left out are written as 0/0, too.
  const sum = whole + (minutes || 0) / 60 + (seconds || 0) / 3600
  if (!Number.isFinite(sum)) return undefined
  return ref && textOf(tiff, ref).toUpperCase().startsWith(negative) ? -sum : sum
}

function altitude(tiff: Tiff, { entries }: TiffDirectory): number | undefined {
  const value = entries.find(({ tag }) => tag === 6)
  const ref = entries.find(({ tag }) => tag === 5)
  const [metres] = value ? numbersOf(tiff, value, 1) : []
  const [below] = ref ? numbersOf(tiff, ref, 1) : []
  return metres !== undefined && below === 1 ? -metres : metres
}
