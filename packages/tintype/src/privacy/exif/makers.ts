import { range } from './tags.ts'

/** A maker whose notes have been described well enough to keep some of them. */
export interface Maker {
  begins(note: Buffer, make: string): boolean
  /** Of its directory, or of the block that it is in, from the beginning of the note. */
  directory: number
  /** What the offsets of its values count from. */
  offsets: 'block' | 'note' | 'inner block'
  /** Of notes whose offsets count from their own beginning. */
  order?: 'big' | 'little' | 'marked'
  /** Tags that say how the picture was taken, and nothing about who or where. */
  kept: ReadonlySet<number>
  /** Serial numbers, names, unique identifiers. Other tags count as unknown. */
  identifiers: ReadonlySet<number>
}

function beginsWith(text: string): Maker['begins'] {
  return (note) => note.toString('latin1', 0, text.length) === text
}

/** Facts from the documentation of the tags in ExifTool and Exiv2. */
export const makers: Maker[] = [
  {
    // Of these, 0x11 pairs the still and the clip of a Live Photo; 0x21 and 0x30 are needed to show the gain map.
    begins: beginsWith('Apple iOS\0'),
    directory: 14,
    offsets: 'note',
    order: 'marked',
    kept: new Set([
      ...[0x01, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0c, 0x0f, 0x11, 0x14, 0x17, 0x19, 0x1a, 0x1d, 0x1f],
      ...[0x21, 0x23, 0x25, 0x26, 0x27, 0x2d, 0x2e, 0x2f, 0x30, 0x38, 0x3b, 0x3c, 0x3d, 0x3f],
    ]),
    // BurstUUID, ImageUniqueID, ImageCaptureRequestID, PhotoIdentifier
    identifiers: new Set([0x0b, 0x15, 0x20, 0x2b]),
  },
  {
    begins: (_, make) => make === 'Canon',
    directory: 0,
    offsets: 'block',
    // Settings, focal length, shot, type, firmware, model, colours, lens
    kept: new Set([0x01, 0x02, 0x04, 0x06, 0x07, 0x10, 0x1c, 0x93, 0x95, 0xa0, 0xb4]),
    identifiers: new Set([0x08, 0x09, 0x0c, 0x15, 0x28, 0x96]),
  },
  {
    begins: beginsWith('Nikon\0\x02'),
    directory: 10,
    offsets: 'inner block',
    // Lens data and shot data are encrypted, with the serial number as key.
    kept: new Set([
      ...range(0x01, 0x0c),
      0x0e,
      0x12,
      0x16,
      0x1e,
      ...range(0x82, 0x87),
      0x89,
      0x8b,
      0x8f,
      0x92,
      0x95,
      0xb1,
    ]),
    identifiers: new Set([0x1d, 0xa0, 0xa5, 0xa7]),
  },
  {
    begins: (note) => /^SONY (?:DSC|CAM|MOBILE)/.test(note.toString('latin1', 0, 12)),
    directory: 12,
    offsets: 'block',
    // The tags from 0x2010 to 0xa000 are enciphered, with serial numbers among them.
    kept: new Set([
      0x0102,
      0x0104,
      0x0112,
      0x0115,
      0xb000,
      0xb001,
      0xb020,
      ...range(0xb022, 0xb029),
      0xb041,
      0xb047,
      0xb048,
      0xb04e,
    ]),
    identifiers: new Set([0xb02b]),
  },
  {
    begins: beginsWith('FUJIFILM\x0c\0\0\0'),
    directory: 12,
    offsets: 'note',
    order: 'little',
    kept: new Set([
      0x0000,
      ...range(0x1000, 0x100e),
      ...range(0x1010, 0x1050),
      ...range(0x1400, 0x1407),
      0x140b,
      0x1422,
    ]),
    identifiers: new Set([0x0010]),
  },
  {
    begins: beginsWith('Panasonic\0\0\0'),
    directory: 12,
    offsets: 'block',
    kept: new Set([
      ...[0x01, 0x02, 0x03, 0x07, 0x0f, 0x1a, 0x1c, 0x1f, 0x20, 0x23, 0x24],
      ...range(0x27, 0x2e),
      0x51,
      0x53,
    ]),
    // InternalSerialNumber, the baby's and the album's names, LensSerialNumber
    identifiers: new Set([0x25, 0x52, 0x65, 0x66]),
  },
  {
    begins: beginsWith('OM SYSTEM\0'),
    directory: 16,
    offsets: 'note',
    order: 'marked',
    kept: new Set([0x0000, 0x0200, 0x0201, 0x0202, 0x0204, 0x0207]),
    identifiers: new Set(),
  },
  {
    begins: beginsWith('OLYMPUS\0'),
    directory: 12,
    offsets: 'note',
    order: 'marked',
    // The lens is in a directory of its own, with the serial numbers of body and lens, and in Exif's own tags.
    kept: new Set([0x0000, 0x0200, 0x0201, 0x0202, 0x0204, 0x0207]),
    identifiers: new Set([0x0209, 0x0404, 0x101a]),
  },
  {
    begins: beginsWith('PENTAX \0'),
    directory: 10,
    offsets: 'note',
    order: 'marked',
    kept: new Set([0x0000, 0x0001, 0x0005, 0x0008, 0x000b, ...range(0x000d, 0x0020), 0x0033, 0x0034, 0x003f]),
    identifiers: new Set([0x0029, 0x0215, 0x0229, 0x022e, 0x0230]),
  },
]
