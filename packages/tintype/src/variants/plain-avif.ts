import type { Size } from './variant-spec.ts'

/**
 * The size of an AVIF as libheif writes it: `ftyp`, `meta` and `mdat`, whose items are AV1 pictures of one size (the picture,
 * and its alpha), without profile or metadata. Its pixels are not decoded.
 *
 * @returns undefined when it is anything else
 */
export function plainAvifSize(bytes: Uint8Array): Size | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const top = boxes(file, 0, file.length)
  if (top?.map(({ type }) => type).join() !== 'ftyp,meta,mdat') return undefined
  const [brand, meta] = top as [Box, Box]
  if (file.toString('latin1', brand.start, brand.start + 4) !== 'avif') return undefined
  const parts = boxes(file, meta.start + 4, meta.end)
  if (!parts?.every(({ type }) => metaParts.has(type))) return undefined
  const items = parts.filter(({ type }) => type === 'iinf').flatMap((box) => itemTypes(file, box))
  if (items.length < 1 || items.length > 2 || items.some((type) => type !== 'av01')) return undefined
  const properties = parts.filter(({ type }) => type === 'iprp').flatMap((box) => propertiesIn(file, box))
  const sizes = properties.filter(({ type }) => type === 'ispe').map((box) => sizeIn(file, box))
  const [size] = sizes
  const isPlain = properties.every((box) => isPlainProperty(file, box))
  const isOne = sizes.every((one) => one?.width === size?.width && one?.height === size?.height)
  return isPlain && isOne ? size : undefined
}

interface Box {
  type: string
  start: number
  end: number
}

const metaParts = new Set(['hdlr', 'pitm', 'iloc', 'iinf', 'iprp', 'iref'])
/** Without `irot` and `imir`: what we make stands upright. */
const plainProperties = new Set(['ispe', 'pixi', 'av1C', 'auxC'])
const most = 64

/** The boxes that fill this range to its end; undefined where they don't. */
function boxes(file: Buffer, from: number, to: number): Box[] | undefined {
  const found: Box[] = []
  for (let at = from; at !== to; ) {
    if (at + 8 > to || found.length === most) return undefined
    const size = file.readUInt32BE(at)
    if (size < 8 || at + size > to) return undefined
    found.push({ type: file.toString('latin1', at + 4, at + 8), start: at + 8, end: at + size })
    at += size
  }
  return found
}

/** Of `infe` boxes in version 2, which have an id, a protection and then the type. '' for any other. */
function itemTypes(file: Buffer, { start, end }: Box): string[] {
  const entries = end - start < 6 ? undefined : boxes(file, start + 6, end)
  if (!entries) return ['']
  return entries.map((entry) =>
    entry.type === 'infe' && entry.end - entry.start >= 12 && file[entry.start] === 2
      ? file.toString('latin1', entry.start + 8, entry.start + 12)
      : '',
  )
}

function propertiesIn(file: Buffer, { start, end }: Box): Box[] {
  const containers = boxes(file, start, end)?.filter(({ type }) => type === 'ipco')
  return containers?.flatMap((box) => boxes(file, box.start, box.end) ?? []) ?? []
}

function isPlainProperty(file: Buffer, { type, start, end }: Box): boolean {
  if (type === 'colr') return end - start === 11 && file.toString('latin1', start, start + 4) === 'nclx'
  return plainProperties.has(type)
}

function sizeIn(file: Buffer, { start, end }: Box): Size | undefined {
  return end - start === 12
    ? { width: file.readUInt32BE(start + 4), height: file.readUInt32BE(start + 8) }
    : undefined
}
