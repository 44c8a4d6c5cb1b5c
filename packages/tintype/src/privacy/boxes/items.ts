import { findBox } from '../../metadata/boxes.ts'
import { type Item, readItems } from '../../metadata/items.ts'
import { cleanExifContent } from '../exif/clean-exif.ts'
import { redirect } from '../redirect.ts'
import { cleanXmp } from '../xmp/clean-xmp.ts'
import type { Movie } from './movie.ts'
import type { Range, Tree } from './tree.ts'

/** Of the Exif and XMP items of real files there are a few; the largest have a preview in them. */
const maxItems = 50
const maxBytes = 16 * 1024 * 1024

/** Pictures, and what phones say of them by numbers: lenses, depth, styles. */
const harmless = /^(image\/|tag:apple\.com|urn:com:apple|urn:(mpeg|iso):)/

/** Exif and XMP are items beside the pictures, and lie anywhere in the file (ISO/IEC 23008-12, annex A). */
export async function cleanItems(tree: Tree, meta: Range, movie: Movie): Promise<void> {
  const { findings } = movie
  let [items, total] = [0, 0]
  const idat = findBox(tree.bytes, ['idat'], meta)
  for (const item of readItems(tree.bytes, meta)) {
    const ranges = placesOf(item, tree, movie, idat)
    const isXmp = item.contentType?.text === 'application/rdf+xml'
    if (item.type !== 'Exif' && !isXmp) {
      if (ranges) movie.keep((range) => void ranges.every(({ start, end }) => range(start, end)))
      const kind = item.contentType?.text
      if (kind !== undefined && !harmless.test(kind))
        findings.unsure(`It has an item of an unknown kind (${kind.slice(0, 80)}).`)
      continue
    }
    for (const { start, end } of ranges ?? []) movie.named(start, end)
    const length = ranges?.reduce((sum, { start, end }) => sum + end - start, 0) ?? 0
    total += length
    if (!ranges || ++items > maxItems || total > maxBytes) {
      findings.unsure('Its metadata lie where they are not looked for.')
      continue
    }
    const bytes = Buffer.concat(
      await Promise.all(ranges.map(({ start, end }) => movie.file.read(start, end))),
    )
    const isInside = item.extents.every(({ from }) => from === 'idat')
    const edit = isInside ? findings.edit : movie.overwriteMedia
    const here = redirect(findings, {
      edit: (offset, bytes) => scatter(ranges, offset, bytes, edit),
      embed: () => findings.unsure('Its metadata have a picture in them.'),
    })
    if (item.type === 'Exif') cleanExifContent(bytes, here)
    else if (item.contentEncoding === undefined) cleanXmp(bytes, here)
    else findings.unsure('Its XMP is compressed.')
  }
}

/** In the file; nothing where they lie in another one, in another item, or behind the end. */
function placesOf(item: Item, tree: Tree, movie: Movie, idat: Range | undefined): Range[] | undefined {
  const ranges: Range[] = []
  for (const { from, start, end } of item.extents) {
    if (from === 'file') ranges.push({ start, end: Math.min(end, movie.file.size) })
    else if (from === 'idat' && idat)
      ranges.push({
        start: tree.base + idat.start + start,
        end: tree.base + Math.min(idat.end, idat.start + end),
      })
    else return undefined
  }
  return ranges.every(({ start, end }) => start <= end) ? ranges : undefined
}

/** Overwrites bytes of an item that lies in several places. */
function scatter(ranges: Range[], offset: number, bytes: Uint8Array, edit: Movie['findings']['edit']): void {
  let before = 0
  for (const { start, end } of ranges) {
    const from = Math.max(offset, before)
    const to = Math.min(offset + bytes.length, before + end - start)
    if (from < to) edit(start + from - before, bytes.subarray(from - offset, to - offset))
    before += end - start
  }
}
