import { box, boxesOf } from './containers.ts'
import { type ExifDirectory, exifBlock, jpegSegment, withSegments } from './exif.ts'
import { samsungTrailer } from './samsung.ts'

/** What is written of a shot: each as its tag has it. */
export interface Shot {
  original?: string
  digitized?: string
  modified?: string
  fraction?: string
  offset?: string
  /** Beside `modified`. */
  offsetOfChange?: string
  zones?: number[]
  gps?: { date: string; time: [number, number, number] }
  make?: string
  model?: string
  lens?: string
  makerNote?: Buffer
}

/** An Exif block, which is a TIFF file. */
export function exifOf(shot: Shot, littleEndian = true): Buffer {
  const text = (tag: number, value: string | undefined): ExifDirectory =>
    value === undefined ? [] : [[tag, 2, value]]
  const exif: ExifDirectory = [
    ...text(0x9003, shot.original),
    ...text(0x9004, shot.digitized),
    ...text(0x9010, shot.offsetOfChange),
    ...text(0x9011, shot.offset),
    ...(shot.makerNote ? ([[0x927c, 7, shot.makerNote]] as ExifDirectory) : []),
    ...text(0x9291, shot.fraction),
    ...(shot.zones ? ([[0x882a, 8, Buffer.from(Int16Array.from(shot.zones).buffer)]] as ExifDirectory) : []),
    ...text(0xa434, shot.lens),
  ]
  const gps: ExifDirectory = shot.gps
    ? [
        [0x0007, 5, shot.gps.time.map((part): [number, number] => [part, 1])],
        [0x001d, 2, shot.gps.date],
      ]
    : []
  return exifBlock(
    [
      ...text(0x010f, shot.make),
      ...text(0x0110, shot.model),
      ...text(0x0132, shot.modified),
      [0x8769, 4, exif],
      ...(gps.length > 0 ? ([[0x8825, 4, gps]] as ExifDirectory) : []),
    ],
    { littleEndian },
  )
}

export const exifSegment = (block: Buffer) => jpegSegment(0xe1, 'Exif\0\0', block)
export const xmpSegment = (attributes: string, content = '') =>
  jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', packet(attributes, content))
export const gainMapSegment = () => jpegSegment(0xe2, 'urn:iso:std:iso:ts:21496:-1\0', Buffer.alloc(4))

/** A packet of XMP, with the schemas that are used here. */
export function packet(attributes: string, content = ''): string {
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" ${attributes}>${content}</rdf:Description></rdf:RDF></x:xmpmeta>`
}

/** What Google's cameras write of the files that follow the picture. */
export function container(items: { semantic: string; length: number }[]): string {
  const list = [{ semantic: 'Primary', length: 0 }, ...items].map(
    ({ semantic, length }) =>
      `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${length > 0 ? ` Item:Length="${length}"` : ''}/></rdf:li>`,
  )
  return `<Container:Directory><rdf:Seq>${list.join('')}</rdf:Seq></Container:Directory>`
}

/** Apple's maker note with the content identifier of a Live Photo. */
export function appleNote(contentId: string): Buffer {
  const text = Buffer.from(`${contentId}\0`)
  const note = Buffer.alloc(14 + 2 + 12 + 4)
  note.write('Apple iOS\0\0\x01MM', 'latin1')
  note.writeUInt16BE(1, 14)
  note.writeUInt16BE(0x11, 16)
  note.writeUInt16BE(2, 18)
  note.writeUInt32BE(text.length, 20)
  note.writeUInt32BE(note.length, 24)
  return Buffer.concat([note, text])
}

/** Two pictures in one file (CIPA DC-007): the index comes into the first one, which has these segments, too. */
export function multiPicture(first: Buffer, segments: Buffer[], second: Buffer): Buffer {
  const build = (offset: number) => {
    const entries = Buffer.alloc(32)
    entries.writeUInt32LE(second.length, 16 + 4)
    entries.writeUInt32LE(offset, 16 + 8)
    const index = exifBlock([
      [0xb000, 7, Buffer.from('0100')],
      [0xb001, 4, [2]],
      [0xb002, 7, entries],
    ])
    return withSegments(first, [jpegSegment(0xe2, 'MPF\0', index), ...segments])
  }
  // The index begins behind the start marker, the segment's header and its name.
  const offset = build(0).length - (2 + 4 + 4)
  return Buffer.concat([build(offset), second])
}

/** The clip of a phone of Samsung's, as it is appended to a picture. */
export function samsungClip(clip: Buffer): Buffer {
  return samsungTrailer([{ type: 0x0a30, name: 'MotionPhoto_Data', data: clip }])
}

/** A movie whose index, which stands at its end, has these boxes more. */
export function withIndexed(movie: Buffer, ...more: Buffer[]): Buffer {
  const boxes = boxesOf(movie)
  const index = boxes.findIndex(({ type }) => type === 'moov')
  if (index !== boxes.length - 1) throw new Error('The index has to stand at the end.')
  const moov = boxes[index]?.bytes ?? Buffer.alloc(0)
  return Buffer.concat([
    ...boxes.slice(0, index).map(({ bytes }) => bytes),
    box('moov', moov.subarray(8), ...more),
  ])
}

/** QuickTime's metadata: names, and values that refer to them by number. */
export function quickTimeKeys(values: Record<string, string>): Buffer {
  const names = Object.keys(values).map((name) => box('mdta', name))
  const count = Buffer.alloc(8)
  count.writeUInt32BE(names.length, 4)
  const items = Object.values(values).map((value, index) =>
    Buffer.concat([box(`\0\0\0${String.fromCharCode(index + 1)}`, data(value))]),
  )
  return box('meta', handler, box('keys', count, ...names), box('ilst', ...items))
}

const handler = box('hdlr', Buffer.alloc(8), 'mdta', Buffer.alloc(13))
const data = (value: string) => box('data', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from(value))

/** User data of iTunes' kind. */
export const itemList = (type: string, value: string) =>
  box('udta', box('meta', Buffer.alloc(4), handler, box('ilst', box(type, data(value)))))

/** User data of QuickTime's kind. */
export function userText(type: string, value: string): Buffer {
  const header = Buffer.from([0, value.length, 0x15, 0xc7])
  return box('udta', box(type, header, value))
}

export { withSegments }
