import {
  numbersOf,
  readDirectory,
  readTiff,
  type Tiff,
  type TiffDirectory,
  textOf,
} from '../../metadata/tiff.ts'
import { cameraName, cleanText, longestText } from './clean-text.ts'
import { type Found, found } from './found.ts'
import { instantOf, mostOffset, offsetText, writtenOffset, writtenTime } from './time-text.ts'

/** Of Exif 2.32, table 4 to 9, and of TIFF/EP, which has a camera's zone in whole hours. */
const tags = {
  make: 0x010f,
  model: 0x0110,
  modified: { time: 0x0132, fraction: 0x9290, offset: 0x9010 },
  original: { time: 0x9003, fraction: 0x9291, offset: 0x9011 },
  digitized: { time: 0x9004, fraction: 0x9292, offset: 0x9012 },
  zones: 0x882a,
  lens: 0xa434,
  makerNote: 0x927c,
  gpsTime: 0x0007,
  gpsDate: 0x001d,
} as const

/** What a block of Exif (a TIFF file) says, as far as it is undamaged. Never throws. */
export function readExif(block: Buffer): Found {
  const tiff = readTiff(block)
  if (!tiff) return {}
  const main = reader(tiff, 'IFD0')
  const exif = reader(tiff, 'Exif')
  const gps = reader(tiff, 'GPS')
  // Some writers have all of it in the first directory.
  const text = (tag: number) => exif.text(tag) ?? main.text(tag)
  const time = ({ time, fraction, offset }: { time: number; fraction: number; offset: number }) =>
    writtenTime(text(time), { fraction: text(fraction), offset: text(offset) })
  const original = time(tags.original) ?? time(tags.digitized)
  const modified = time(tags.modified)
  const makerNote = exif.value(tags.makerNote)
  const contentId = makerNote && contentIdOf(makerNote)
  return {
    taken: found(original && (withOffset(original) ?? aided(original)), 'exif'),
    changed: found(modified, 'exif'),
    camera: cameraName(main.text(tags.make), main.text(tags.model)),
    lens: cleanText(text(tags.lens)),
    contentId,
    features: contentId === undefined ? undefined : ['live-photo'],
  }

  function withOffset(time: string): string | undefined {
    return hasOffset(time) ? time : undefined
  }

  /** Where the offset was not written beside the time: by what else tells it. */
  function aided(time: string): string {
    const others = [writtenOffset(text(tags.digitized.offset)), sameClock(), ofZones(), ofGps()]
    return `${time}${others.find((one) => one !== undefined) ?? ''}`

    /** That of the last change, where it was the shot. */
    function sameClock() {
      const isSame = text(tags.modified.time) === text(tags.original.time)
      return isSame ? writtenOffset(text(tags.modified.offset)) : undefined
    }

    function ofZones() {
      const [hours] = exif.numbers(tags.zones) ?? main.numbers(tags.zones) ?? []
      const isZone = Number.isInteger(hours) && Math.abs(hours as number) * 60 <= mostOffset
      return isZone ? offsetText((hours as number) * 60) : undefined
    }

    function ofGps() {
      const [hour = Number.NaN, minute = Number.NaN, second = Number.NaN] = gps.numbers(tags.gpsTime) ?? []
      const date = writtenTime(gps.text(tags.gpsDate))?.slice(0, 10)
      return offsetBetween(time, instantOf(`${date}T00:00:00`) + ((hour * 60 + minute) * 60 + second) * 1000)
    }
  }
}

/** Offsets that are no whole hours, in minutes: https://www.iana.org/time-zones, since there is GPS. */
const uneven = new Set([-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 645, 765, 825])
/** Milliseconds between the shot and the last time that a satellite told. */
const fixAge = 90_000

/** By the instant of a satellite, which is UTC: of what the clock showed, whole hours or the few other offsets remain. */
function offsetBetween(wall: string, instant: number): string | undefined {
  const ahead = instantOf(wall) - instant
  const minutes = Math.round(ahead / (15 * 60_000)) * 15
  const isClose = Math.abs(ahead - minutes * 60_000) <= fixAge
  const isOffset = Math.abs(minutes) <= mostOffset && (minutes % 60 === 0 || uneven.has(minutes))
  return isClose && isOffset ? offsetText(minutes) : undefined
}

function hasOffset(time: string): boolean {
  return /(Z|[+-]\d\d:\d\d)$/.test(time)
}

/** Of Apple's maker notes, a directory whose offsets count from its own beginning: tag 17 names the Live Photo. */
function contentIdOf(note: Buffer): string | undefined {
  if (note.toString('latin1', 0, 10) !== 'Apple iOS\0') return undefined
  const tiff: Tiff = { bytes: note, littleEndian: note.toString('latin1', 12, 14) === 'II', directories: [] }
  const entry = readDirectory(tiff, 14, 'Sub')?.entries.find(({ tag, type }) => tag === 17 && type === 2)
  return entry && cleanText(textOf(tiff, { ...entry, length: Math.min(entry.length, longestText) }))
}

/** More bytes than any text that is wanted here has. */
const longestValue = 4 * longestText

function reader(tiff: Tiff, name: TiffDirectory['name']) {
  const entries = new Map(
    tiff.directories
      .filter((directory) => directory.name === name)
      .flatMap((directory) => directory.entries.map((entry) => [entry.tag, entry] as const))
      .toReversed(),
  )
  return {
    text(tag: number): string | undefined {
      const entry = entries.get(tag)
      if (!entry || ![2, 7, 129].includes(entry.type)) return undefined
      const text = textOf(tiff, { ...entry, length: Math.min(entry.length, longestValue) })
      return text === '' ? undefined : text
    },
    numbers(tag: number): number[] | undefined {
      const entry = entries.get(tag)
      return entry && numbersOf(tiff, entry, 3)
    },
    value(tag: number): Buffer | undefined {
      const entry = entries.get(tag)
      return entry && tiff.bytes.subarray(entry.offset, entry.offset + entry.length)
    },
  }
}
