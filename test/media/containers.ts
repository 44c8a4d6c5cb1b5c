import { readFileSync } from 'node:fs'

// MP4 and QuickTime files as devices write them, made out of the clips in test/media/files.

export const clip = (name: string): Buffer => readFileSync(new URL(`./files/${name}`, import.meta.url))

/** A box (ISO/IEC 14496-12, section 4.2). */
export function box(type: string, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one)),
  )
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

/** The boxes side by side in a file, with their headers. */
export function boxesOf(file: Buffer): { type: string; bytes: Buffer }[] {
  const boxes = []
  for (let at = 0; at + 8 <= file.length; ) {
    const size = file.readUInt32BE(at)
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), bytes: file.subarray(at, at + size) })
    at += size
  }
  return boxes
}

/** The same file with the first box of this type under another one. */
export function renamed(file: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(file)
  copy.write(to, at(copy, from), 'latin1')
  return copy
}

/** The same file with another number of 32 bits, at this offset behind the letters of the first box of this type. */
export function withNumber(file: Buffer, type: string, offset: number, value: number): Buffer {
  const copy = Buffer.from(file)
  copy.writeUInt32BE(value, at(copy, type) + 4 + offset)
  return copy
}

/** The same movie without what comes before its first `mdat` or `moov`: the offsets into its data are moved, too. */
export function withoutBeginning(file: Buffer, first: 'mdat' | 'moov'): Buffer {
  const cut = at(file, first) - 4
  const copy = Buffer.from(file.subarray(cut))
  for (let found = copy.indexOf('stco'); found > 0; found = copy.indexOf('stco', found + 4)) {
    const chunks = copy.readUInt32BE(found + 8)
    for (let i = 0; i < chunks; i++) {
      const place = found + 12 + 4 * i
      copy.writeUInt32BE(copy.readUInt32BE(place) - cut, place)
    }
  }
  return copy
}

/** The same file with other brands: major, and all compatible ones where they are given. */
export function withBrands(file: Buffer, major: string, compatible?: string): Buffer {
  const copy = Buffer.from(file)
  copy.write(major, 8, 'latin1')
  const end = copy.readUInt32BE(0)
  if (compatible) for (let place = 16; place < end; place += 4) copy.write(compatible, place, 'latin1')
  return copy
}

function at(file: Buffer, type: string): number {
  // Behind the first box, whose brands have the same letters as codecs.
  const found = type === 'ftyp' ? 4 : file.indexOf(type, file.readUInt32BE(0), 'latin1')
  if (found < 0) throw new Error(`The file has no ${type}.`)
  return found
}

/** A WebM as browsers record it: they say neither how long it is nor how large (RFC 8794, section 6.2). */
export function asRecording(webm: Buffer): Buffer {
  const copy = Buffer.from(webm)
  Buffer.from('01ffffffffffffff', 'hex').copy(copy, copy.indexOf(Buffer.from('18538067', 'hex')) + 4)
  // Its duration becomes an element that is skipped (Void).
  Buffer.from('ec89', 'hex').copy(copy, copy.indexOf(Buffer.from('448988', 'hex')))
  return copy
}
