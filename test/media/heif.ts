import { readHeifItems } from '../../packages/tintype/src/inspect/heif-items.ts'
import { findBox } from '../../packages/tintype/src/metadata/boxes.ts'
import { box, clip } from './containers.ts'

/** Builds HEIFs box by box, of pictures that an encoder has coded: phones write kinds of them that encoders do not. */
export interface HeifItem {
  type: string
  data: Buffer
  /** Whole boxes, such as `size(64, 48)`. */
  properties?: Buffer[]
}

export interface HeifReference {
  type: string
  from: number
  to: number[]
}

export interface HeifOptions {
  /** Major brand first. */
  brands?: string[]
  /** Items are numbered from 1. @default 1 */
  primary?: number
  items: HeifItem[]
  references?: HeifReference[]
}

export function heif(options: HeifOptions): Buffer {
  const { brands = ['heic', 'mif1', 'heic'], primary = 1, items, references = [] } = options
  const [major = '', ...others] = brands
  const head = box('ftyp', text(major), u32(0), ...others.map(text))
  // What several items have in common is there once: libheif takes at most a hundred.
  const properties = new Map(
    items.flatMap(({ properties: own = [] }) => own.map((one) => [one.toString('hex'), one])),
  )
  const places = [...properties.keys()]
  const associations = items.flatMap((item, index) => {
    const own = (item.properties ?? []).map((one) => u8(places.indexOf(one.toString('hex')) + 1))
    return [u16(index + 1), u8(own.length), ...own]
  })
  const meta = (start: number) => {
    let at = start
    const locations = items.flatMap(({ data }, index) => {
      at += data.length
      return [u16(index + 1), u16(0), u16(1), u32(at - data.length), u32(data.length)]
    })
    return full(
      'meta',
      0,
      full('hdlr', 0, u32(0), text('pict'), Buffer.alloc(13)),
      full('pitm', 0, u16(primary)),
      full(
        'iinf',
        0,
        u16(items.length),
        ...items.map(({ type }, index) => full('infe', 2, u16(index + 1), u16(0), text(type), u8(0))),
      ),
      full(
        'iref',
        0,
        ...references.map(({ type, from, to }) => box(type, u16(from), u16(to.length), ...to.map(u16))),
      ),
      box('iprp', box('ipco', ...properties.values()), full('ipma', 0, u32(items.length), ...associations)),
      full('iloc', 0, u16(0x4400), u16(items.length), ...locations),
    )
  }
  const data = items.map((item) => item.data)
  const start = head.length + meta(0).length + 8
  return Buffer.concat([head, meta(start), box('mdat', ...data)])
}

/** The picture of a file that an encoder has made: its data, and the box that its decoder needs. */
export function coded(name: string): { data: Buffer; configuration: Buffer } {
  const bytes = clip(name)
  const found = findBox(bytes, ['meta']) ?? fail(name)
  const meta = { start: found.start + 4, end: found.end }
  const items = readHeifItems(bytes, meta) ?? fail(name)
  const id = [...items.items.values()].find(({ type }) => type === 'hvc1')?.id ?? fail(name)
  const hvcc = items.propertiesOf(id).find(({ type }) => type === 'hvcC') ?? fail(name)
  const [extent] = items.items.get(id)?.extents ?? fail(name)
  return {
    data: bytes.subarray(extent?.start, extent?.end),
    configuration: box('hvcC', bytes.subarray(hvcc.start, hvcc.end)),
  }
}

const fail = (name: string): never => {
  throw new Error(`${name} has no picture`)
}

export const size = (width: number, height: number) => full('ispe', 0, u32(width), u32(height))
/** Quarter turns, counter-clockwise. */
export const rotation = (turns: number) => box('irot', u8(turns))
/** 0: top and bottom change places; 1: left and right. */
export const mirror = (axis: number) => box('imir', u8(axis))
/** What is shown of the picture: so much of its middle. */
export const crop = (width: number, height: number) =>
  box('clap', ...[width, 1, height, 1, 0, 1, 0, 1].map(u32))
export const auxiliary = (kind: string) => full('auxC', 0, text(kind), u8(0))
export const codePoints = (primaries: number, transfer: number, matrix = 6) =>
  box('colr', text('nclx'), u16(primaries), u16(transfer), u16(matrix), u8(0x80))
export const profile = (icc: Uint8Array) => box('colr', text('prof'), Buffer.from(icc))

/** A decoder configuration with nothing but the beginning of a sequence parameter set, which says this size. */
export function configuration(width: number, height: number): Buffer {
  const exponential = (value: number) => {
    const bits = (value + 1).toString(2)
    return '0'.repeat(bits.length - 1) + bits
  }
  const bits = `00000001${'1'.repeat(96)}${[0, 1, width, height].map(exponential).join('')}`
  const bytes = (bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []).map((byte) =>
    u8(Number.parseInt(byte, 2)),
  )
  const unit = Buffer.concat([Buffer.from([0x42, 1]), ...bytes])
  return box('hvcC', Buffer.alloc(22), u8(1), u8(33), u16(1), u16(unit.length), unit)
}

/** The data of an item of tiles. */
export function grid(columns: number, rows: number, width: number, height: number): Buffer {
  return Buffer.concat([u8(0), u8(0), u8(rows - 1), u8(columns - 1), u16(width), u16(height)])
}

/** As large as a phone writes it: 8064 x 6048 in 192 tiles of 512 x 512, turned by a quarter. */
export function phonePhoto(): Buffer {
  const { data, configuration } = coded('tile-512.heic')
  const tile = { type: 'hvc1', data, properties: [configuration, size(512, 512)] }
  const whole = { type: 'grid', data: grid(16, 12, 8064, 6048), properties: [size(8064, 6048), rotation(3)] }
  const tiles = Array.from({ length: 192 }, () => tile)
  const references = [{ type: 'dimg', from: 1, to: tiles.map((_, index) => index + 2) }]
  return heif({ items: [whole, ...tiles], references })
}

/** An Exif item that says nothing but an orientation. */
export function exifItem(orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex')
  tiff.writeUInt16BE(orientation, 18)
  return Buffer.concat([u32(6), Buffer.from('Exif\0\0', 'latin1'), tiff])
}

function full(type: string, version: number, ...content: Buffer[]): Buffer {
  return box(type, u32(version * 2 ** 24), ...content)
}

const text = (value: string) => Buffer.from(value, 'latin1')
const u8 = (value: number) => Buffer.from([value])
const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
