import { box, boxesOf, clip } from './containers.ts'

// Movies that say where they were taken and by which camera, in every place that cameras use. Positions are 48.8577,
// 2.2950; serial numbers are SN0815.

/** Boxes added to the end of the index, and to the end of the file. */
export function withBoxes(add: { inMovie?: Buffer[]; behind?: Buffer[]; file?: Buffer }): Buffer {
  // Its index is its last box: nothing moves.
  const boxes = boxesOf(add.file ?? clip('index-at-end.mp4'))
  const moov = boxes.findIndex(({ type }) => type === 'moov')
  const content = (boxes[moov] as { bytes: Buffer }).bytes.subarray(8)
  return Buffer.concat([
    ...boxes.slice(0, moov).map(({ bytes }) => bytes),
    box('moov', content, ...(add.inMovie ?? [])),
    ...boxes.slice(moov + 1).map(({ bytes }) => bytes),
    ...(add.behind ?? []),
  ])
}

export const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

/** Text of QuickTime's user data. */
export const userText = (type: string, text: string) => box(type, u16(text.length), u16(0x55c4), text)

export const position = '+48.8577+002.2950+035.000/'

export const userData = (...boxes: Buffer[]) => box('udta', ...boxes)

export function handler(type: string): Buffer {
  return box('hdlr', u32(0, 0), type, u32(0, 0, 0), Buffer.from('\0'))
}

/** QuickTime's keys with their values. */
export function keyValues(values: Record<string, string>): Buffer {
  const names = Object.keys(values)
  const keys = names.map((name) => Buffer.concat([u32(8 + name.length), Buffer.from(`mdta${name}`)]))
  const items = Object.values(values).map((value, index) => {
    const item = box('item', box('data', u32(1, 0), value))
    item.writeUInt32BE(index + 1, 4)
    return item
  })
  return box('meta', handler('mdta'), box('keys', u32(0, names.length), ...keys), box('ilst', ...items))
}

/** A track of another kind than picture and sound, whose samples of this size lie at these places of the file. */
export function metadataTrack(
  id: number,
  { kind = 'meta', entry, places, size }: { kind?: string; entry: Buffer; places: number[]; size: number },
): Buffer {
  const table = box(
    'stbl',
    box('stsd', u32(0, 1), entry),
    box('stts', u32(0, 1, places.length, 1)),
    box('stsc', u32(0, 1, 1, 1, 1)),
    box('stsz', u32(0, size, places.length)),
    box('stco', u32(0, places.length, ...places)),
  )
  const dinf = box('dinf', box('dref', u32(0, 1), box('url ', u32(1))))
  return box(
    'trak',
    box('tkhd', u32(7, 0, 0, id, 0, 1), Buffer.alloc(60)),
    box(
      'mdia',
      box('mdhd', u32(0, 0, 0, 1_000_000, places.length, 0x55c40000)),
      handler(kind),
      box('minf', box('nmhd', u32(0)), dinf, table),
    ),
  )
}

export const sampleEntry = (type: string, ...content: (Buffer | string)[]) =>
  box(type, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), ...content)

/** Apple's timed metadata, by the names of its keys. */
export function boxedMetadata(...names: string[]): Buffer {
  const keys = names.map((name, index) => {
    const key = box('keyx', box('keyd', 'mdta', name))
    key.writeUInt32BE(index + 1, 4)
    return key
  })
  return sampleEntry('mebx', box('keys', ...keys))
}

/** A movie with a track whose two samples say where it was: the rest of the file stays where it is. */
export function withTrack(entry: Buffer, samples: string[], kind = 'meta'): Buffer {
  const size = Math.max(...samples.map(({ length }) => length))
  const file = clip('index-at-end.mp4')
  const data = samples.map((text) => Buffer.from(text.padEnd(size)))
  const media = box('mdat', ...data)
  const boxes = boxesOf(file)
  const moovAt = boxes.slice(0, -1).reduce((sum, { bytes }) => sum + bytes.length, 0)
  const places = data.map((_, index) => moovAt + 8 + index * size)
  const before = Buffer.concat([...boxes.slice(0, -1).map(({ bytes }) => bytes), media])
  const moov = (boxes.at(-1) as { bytes: Buffer }).bytes
  return withBoxes({
    file: Buffer.concat([before, moov]),
    inMovie: [metadataTrack(9, { kind, entry, places, size })],
  })
}
