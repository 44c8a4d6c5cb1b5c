import type { MediaFeature } from '@tintype/protocol'
import { type Box, boxesIn, findBox } from '../../metadata/boxes.ts'
import { tiffStart } from '../../metadata/exif-block.ts'
import { type Item, readItems } from '../../metadata/items.ts'
import { readExif } from './exif-details.ts'
import type { Found } from './found.ts'
import { readXmp } from './xmp-details.ts'

/** The items with Exif and XMP of a HEIC, HEIF or AVIF, and what its other items are. */
export function readHeifDetails(bytes: Buffer): Found[] {
  const top = [...boxesIn(bytes, undefined, 'lenient')]
  const meta = top.find(({ type }) => type === 'meta')
  if (!meta) return []
  const content = { start: meta.start + 4, end: meta.end }
  const items = readItems(bytes, content)
  const data = findBox(bytes, ['idat'], content)
  const first = (wanted: (item: Item) => boolean) => {
    const item = items.find(wanted)
    return item && contentOf(bytes, item, data)
  }
  const exif = first(({ type }) => type === 'Exif')
  const xmp = first(
    ({ contentType, contentEncoding }) =>
      contentType?.text === 'application/rdf+xml' && contentEncoding === undefined,
  )
  const features = featuresOf(bytes, { top, items, content })
  return [
    ...(exif ? [readExif(exif.subarray(tiffStart(exif)))] : []),
    ...(xmp ? [readXmp(xmp)] : []),
    { features },
  ]
}

/** Bytes of Exif or XMP that are read: some phones write a thumbnail into it. */
const mostContent = 256 * 1024
const mostExtents = 64

function contentOf(bytes: Buffer, { extents }: Item, data: Box | undefined): Buffer | undefined {
  const parts: Buffer[] = []
  let left = mostContent
  for (const { from, start, end } of extents.slice(0, mostExtents)) {
    if (from !== 'file' && (from !== 'idat' || !data)) return undefined
    const base = from === 'file' ? 0 : (data?.start ?? 0)
    const part = bytes.subarray(base + start, Math.min(base + end, base + start + left))
    left -= part.length
    parts.push(part)
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

interface Parts {
  /** The boxes of the file. */
  top: Box[]
  items: Item[]
  /** Of the `meta` box. */
  content: { start: number; end: number }
}

function featuresOf(bytes: Buffer, { top, items, content }: Parts): MediaFeature[] {
  const container = findBox(bytes, ['iprp', 'ipco'], content)
  const kinds = (container ? [...boxesIn(bytes, container)] : [])
    .filter(({ type }) => type === 'auxC')
    .map(({ start, end }) => bytes.toString('latin1', start + 4, Math.min(end, start + 4 + 100)))
  const isAny = (...names: string[]) => kinds.some((kind) => names.some((name) => kind.startsWith(name)))
  const features: MediaFeature[] = []
  const hasToneMap = items.some(({ type }) => type === 'tmap')
  if (hasToneMap || isAny('urn:com:apple:photo:2020:aux:hdrgainmap')) features.push('gain-map')
  // Samsung's: the clip in a box of its own.
  if (top.some(({ type }) => type === 'mpvd')) features.push('motion')
  const depth = ['urn:mpeg:hevc:2015:auxid:2', 'urn:mpeg:mpegB:cicp:systems:auxiliary:depth']
  if (isAny(...depth)) features.push('depth')
  return features
}
