import { boxesIn, findBox } from '../../packages/tintype/src/metadata/boxes.ts'
import { readItems } from '../../packages/tintype/src/metadata/items.ts'
import { eachChunk } from '../../packages/tintype/src/metadata/sample-ranges.ts'

/**
 * The bytes of all pictures and sound of an MP4, QuickTime, HEIC or AVIF file, by its tables: what nothing may change but an
 * encoder. What can't be read of a damaged file is left out.
 */
export function mediaOf(file: Buffer): string[] {
  const media: string[] = []
  for (const top of boxesIn(file, undefined, 'lenient')) {
    if (top.type === 'moov') tryTo(() => samplesOf(file, top, media))
    if (top.type === 'meta') tryTo(() => itemsOf(file, top, media))
  }
  return media
}

type Range = { start: number; end: number }

function samplesOf(file: Buffer, moov: Range, media: string[]): void {
  for (const trak of boxesIn(file, moov, 'lenient')) {
    const handler = trak.type === 'trak' ? findBox(file, ['mdia', 'hdlr'], trak) : undefined
    const table = handler && findBox(file, ['mdia', 'minf', 'stbl'], trak)
    if (!table || !/vide|soun/.test(file.toString('latin1', handler.start + 8, handler.start + 12))) continue
    if (isElsewhere(file, trak)) continue
    eachChunk(file, table, (from, to) => void media.push(file.toString('latin1', from, to)))
  }
}

/** Whether its samples are in another file (ISO/IEC 14496-12, section 8.7.2): the first reference lacks its flag. */
function isElsewhere(file: Buffer, trak: Range): boolean {
  const references = findBox(file, ['mdia', 'minf', 'dinf', 'dref'], trak)
  const [first] = references ? boxesIn(file, { ...references, start: references.start + 8 }, 'lenient') : []
  return first !== undefined && first.end - first.start >= 4 && (file.readUInt32BE(first.start) & 1) === 0
}

function itemsOf(file: Buffer, meta: Range, media: string[]): void {
  for (const { type, contentType, extents } of readItems(file, { start: meta.start + 4, end: meta.end })) {
    if (type === 'Exif' || contentType?.text === 'application/rdf+xml') continue
    for (const { from, start, end } of extents)
      if (from === 'file') media.push(file.toString('latin1', start, end))
  }
}

function tryTo(read: () => void): void {
  try {
    read()
  } catch {
    // It is damaged.
  }
}
