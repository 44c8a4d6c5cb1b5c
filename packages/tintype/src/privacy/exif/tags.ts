import type { TiffDirectory, TiffEntry } from '../../metadata/tiff.ts'
import type { Found } from '../cleaning.ts'

/** What becomes of an entry: `keep`, or the kind of what it says. */
export type Fate = 'keep' | keyof Found

/**
 * What the tags of Exif 3.0 and TIFF 6.0 say. A tag that is not in here counts as `other`: private tags hold whatever
 * a maker wants, and most who use them don't tell.
 */
export function fateOf({ name }: TiffDirectory, { tag, type }: TiffEntry): Fate {
  if (name === 'GPS') return 'location'
  if (name === 'Interop') return 'keep'
  if (name !== 'IFD0' && name !== 'Exif') return 'other'
  if (type > 13 && type !== utf8) return 'other'
  if (identifiers.has(tag)) return 'identifiers'
  if (surroundings.has(tag)) return 'location'
  return kept.has(tag) ? 'keep' : 'other'
}

const utf8 = 129

export const tags = {
  make: 0x010f,
  model: 0x0110,
  orientation: 0x0112,
  hostComputer: 0x013c,
  makerNote: 0x927c,
  exif: 0x8769,
  gps: 0x8825,
  interop: 0xa005,
} as const

const identifiers = new Set([
  0x013c, // HostComputer: kept where it is the camera's model, as on iPhones
  0xa420, // ImageUniqueID
  0xa430, // CameraOwnerName
  0xa431, // BodySerialNumber
  0xa435, // LensSerialNumber
  0xa438, // ImageEditor: a person
  0xc62f, // CameraSerialNumber
  0xc65d, // RawDataUniqueID
  0xfde8, // OwnerName, of Adobe
  0xfde9, // SerialNumber, of Adobe
])

/** Temperature, humidity, pressure, depth of water: with the time, they tell the place. */
const surroundings = new Set([0x9400, 0x9401, 0x9402, 0x9403])

const kept = new Set([
  0x000b, // ProcessingSoftware
  // TIFF 6.0, but for DocumentName (a path) and pages
  ...range(0x00fe, 0x010c),
  ...range(0x010e, 0x011b),
  ...range(0x0128, 0x013b), // ResolutionUnit, Software, DateTime, Artist
  ...range(0x013d, 0x0145),
  ...range(0x0152, 0x0156),
  ...range(0x0211, 0x0214),
  ...[0x4746, 0x4749], // Rating
  0x8298, // Copyright
  ...[0x829a, 0x829d], // ExposureTime, FNumber
  0x8769, // the Exif directory
  0x8773, // the colour profile
  ...[0x8822, 0x8824, 0x8827, 0x8828, 0x882a],
  ...range(0x8830, 0x8835),
  ...range(0x9000, 0x9004), // ExifVersion, the dates
  ...range(0x9010, 0x9012), // their offsets
  ...[0x9101, 0x9102],
  ...range(0x9201, 0x920a),
  0x9214, // SubjectArea
  0x9286, // UserComment
  ...range(0x9290, 0x9292), // sub-seconds
  ...[0x9404, 0x9405], // acceleration, elevation angle
  ...range(0x9c9b, 0x9c9f), // title, comment, author, keywords, subject, of Windows
  ...range(0xa000, 0xa005),
  ...[0xa20b, 0xa20c, 0xa20e, 0xa20f, 0xa210, 0xa214, 0xa215, 0xa217],
  ...range(0xa300, 0xa302),
  ...range(0xa401, 0xa40a),
  0xa40c,
  ...range(0xa432, 0xa434), // LensSpecification, LensMake, LensModel
  ...[0xa436, 0xa437], // ImageTitle, Photographer
  ...range(0xa439, 0xa43c), // firmware and software
  ...range(0xa460, 0xa462), // composite pictures
  0xa500, // Gamma
  0xc4a5, // print image matching
])

/** Tags that people, or programs for them, write text into. */
export const freeTexts = new Set([
  0x010e, 0x0131, 0x013b, 0x8298, 0x9286, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f, 0xa436, 0xa437,
])

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
