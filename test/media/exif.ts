/** A value of an Exif entry: text, numbers, numbers as fractions, bytes as they are, or a directory that it points to. */
export type ExifValue = string | number[] | [number, number][] | Buffer | ExifDirectory
export type ExifDirectory = [tag: number, type: number, value: ExifValue][]

export interface ExifOptions {
  /** The second directory: that of the thumbnail. */
  ifd1?: ExifDirectory
  littleEndian?: boolean
}

/**
 * An Exif block, written entry by entry. The value of tag 0x0201 (the thumbnail's offset) may be given as its bytes.
 *
 * @example exifBlock([[0x0112, 3, [6]], [0x8825, 4, [[0x0002, 5, [[51, 1], [30, 1], [0, 1]]]]]])
 */
export function exifBlock(ifd0: ExifDirectory, { ifd1, littleEndian = true }: ExifOptions = {}): Buffer {
  const number = (value: number, bytes: 2 | 4): Buffer => {
    const buffer = Buffer.alloc(bytes)
    const unsigned = bytes === 4 ? value >>> 0 : value & 0xffff
    if (littleEndian) buffer.writeUIntLE(unsigned, 0, bytes)
    else buffer.writeUIntBE(unsigned, 0, bytes)
    return buffer
  }
  const size: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 9: 4, 10: 8, 13: 4 }
  const isDirectory = (value: ExifValue): value is ExifDirectory =>
    Array.isArray(value) && Array.isArray(value[0]) && value[0].length === 3

  const encode = (type: number, value: Exclude<ExifValue, ExifDirectory>): Buffer => {
    if (typeof value === 'string') return Buffer.from(`${value}\0`, type === 2 ? 'latin1' : 'utf8')
    if (Buffer.isBuffer(value)) return value
    const flat = (value as (number | [number, number])[]).flat()
    if (size[type] === 1) return Buffer.from(flat)
    return Buffer.concat(flat.map((one) => number(one, type === 3 ? 2 : 4)))
  }

  /** The directory and all that belongs to it, as it lies at `start`. */
  const place = (directory: ExifDirectory, start: number, next: (end: number) => Buffer): Buffer => {
    const head = 2 + directory.length * 12 + 4
    let end = start + head
    const values: Buffer[] = []
    const put = (value: Buffer) => {
      values.push(value, Buffer.alloc(value.length % 2))
      const at = end
      end += value.length + (value.length % 2)
      return at
    }
    const entries = directory.map(([tag, type, value]) => {
      const entry = (count: number, inline: Buffer) =>
        Buffer.concat([number(tag, 2), number(type, 2), number(count, 4), inline])
      if (isDirectory(value)) return entry(1, number(put(place(value, end, () => Buffer.alloc(0))), 4))
      const bytes = encode(type, value)
      if (tag === 0x0201 && Buffer.isBuffer(value)) return entry(1, number(put(bytes), 4))
      const count = bytes.length / (size[type] ?? 1)
      return entry(
        count,
        bytes.length <= 4 ? Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4) : number(put(bytes), 4),
      )
    })
    const following = next(end)
    return Buffer.concat([
      number(directory.length, 2),
      ...entries,
      number(following.length > 0 ? end : 0, 4),
      ...values,
      following,
    ])
  }

  const second = (end: number) => (ifd1 ? place(ifd1, end, () => Buffer.alloc(0)) : Buffer.alloc(0))
  return Buffer.concat([
    Buffer.from(littleEndian ? 'II*\0' : 'MM\0*', 'latin1'),
    number(8, 4),
    place(ifd0, 8, second),
  ])
}

/** A picture with these segments behind its start marker. */
export function withSegments(jpeg: Buffer, segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

export function jpegSegment(marker: number, ...body: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(
    body.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one)),
  )
  const header = Buffer.from([0xff, marker, 0, 0])
  header.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([header, content])
}
