import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import { addFragments, readClocks } from './movie-duration.ts'
import { checkTables, lastByte, videoCodec } from './sample-table.ts'

/** What the index of an MP4 or QuickTime file says, as far as it is needed to tell whether the file is complete. */
export interface Movie {
  /** The `moov` box with its header, and its offset. */
  index: { start: number; end: number; bytes: Buffer }
  /** End of the last whole box. Cameras append data of their own. */
  end: number
  /** The size that the file needs for all pictures and sound in the index. */
  needed: number
  tracks: Track[]
  /** Seconds, of the longest track. */
  duration: number
}

export interface Track {
  kind: 'video' | 'sound' | 'other'
  /** Of a video: the four letters of its sample description, `avc1`, and for `mp4v.61` what they stand for. */
  codec: string | undefined
  /** Its samples are in another file, as QuickTime's reference movies have them. */
  isElsewhere: boolean
}

/** Recordings in fragments have two boxes in each: this is a whole day in fragments of four seconds. */
const maxBoxes = 50_000
/** An hour's index has some megabytes. */
const maxIndex = 48 * 1024 * 1024

/** One of some seconds has a few kilobytes. */
const maxFragment = 1024 * 1024

/** Why there is no readable index. */
export type NoMovie = 'index missing' | 'index cut off' | 'index too large' | 'compressed'

/**
 * Finds the index and reads what it needs of the file; the boxes around it don't matter. So a camera's trailer, a
 * missing first box or an unknown one are no damage, and a file that lacks bytes of its last picture is cut off,
 * however well its boxes add up.
 *
 * @throws {Damaged} where the index contradicts itself; what reading throws
 */
export async function readMovie(source: RangeSource): Promise<Movie | NoMovie> {
  const { found, end, cut } = await walk(source)
  const moov = found.find((box) => box.type === 'moov')
  if (!moov) return cut?.type === 'moov' ? 'index cut off' : 'index missing'
  if (moov.end - moov.start > maxIndex) return 'index too large'
  const bytes = Buffer.from(await source.read(moov.start, moov.end))
  const content = { start: moov.content - moov.start, end: bytes.length }
  const children = [...boxesIn(bytes, content, 'lenient')]
  if (children.some((box) => box.type === 'cmov')) return 'compressed'
  const isFragmented = children.some((box) => box.type === 'mvex')
  const tracks = children.filter((box) => box.type === 'trak').map((box) => readTrack(bytes, box))
  const played = tracks.filter(({ kind, isElsewhere }) => kind !== 'other' && !isElsewhere)
  const needed = Math.max(0, ...played.map((track) => track.needed))
  const clocks = readClocks(bytes, content)
  if (isFragmented) await addFragments(source, fragmentsOf(found), clocks)
  // A fragment's data are the boxes behind it.
  const cutFragment = isFragmented && cut && /^(moof|mdat|mfra|sidx)$/.test(cut.type) ? cut.end : 0
  return {
    index: { start: moov.start, end: moov.end, bytes },
    end,
    needed: Math.max(needed, cutFragment),
    tracks,
    duration: Math.max(0, ...clocks.map(({ seconds }) => seconds)),
  }
}

function fragmentsOf(found: TopBox[]): Box[] {
  return found
    .filter(({ type, content, end }) => type === 'moof' && end - content <= maxFragment)
    .map(({ type, content, end }) => ({ type, start: content, end }))
}

interface TopBox {
  type: string
  start: number
  content: number
  end: number
}

/** The boxes of the file, up to what isn't one; and the box that reaches past the end, if any does. */
async function walk(source: RangeSource): Promise<{ found: TopBox[]; end: number; cut?: TopBox }> {
  const found: TopBox[] = []
  let at = 0
  for (let boxes = 0; at + 8 <= source.size && boxes < maxBoxes; boxes++) {
    const header = Buffer.from(await source.read(at, Math.min(at + 16, source.size)))
    const box = topBox(header, at, source.size)
    if (!box) break
    if (box.end > source.size) return { found, end: at, cut: box }
    if (box.type === 'moov' || box.type === 'moof') found.push(box)
    at = box.end
  }
  return { found, end: at }
}

function topBox(header: Buffer, start: number, fileSize: number): TopBox | undefined {
  const type = header.toString('latin1', 4, 8)
  const short = header.readUInt32BE(0)
  // 0: up to the end of the file. 1: the size follows in 64 bits (ISO/IEC 14496-12, section 4.2).
  const isLong = short === 1 && header.length === 16
  const size = short === 0 ? fileSize - start : isLong ? Number(header.readBigUInt64BE(8)) : short
  const content = isLong ? 16 : 8
  if (size < content || !/^[\x20-\x7e\xa9]{4}$/.test(type)) return undefined
  return { type, start, content: start + content, end: start + size }
}

function readTrack(moov: Buffer, trak: Box): Track & { needed: number } {
  const handler = findBox(moov, ['mdia', 'hdlr'], trak)
  const name = handler ? moov.toString('latin1', handler.start + 8, handler.start + 12) : ''
  const kind = name === 'vide' ? 'video' : name === 'soun' ? 'sound' : 'other'
  const table = findBox(moov, ['mdia', 'minf', 'stbl'], trak)
  if (!table || kind === 'other') return { kind, codec: undefined, isElsewhere: false, needed: 0 }
  checkTables(moov, table)
  const references = findBox(moov, ['mdia', 'minf', 'dinf', 'dref'], trak)
  return {
    kind,
    codec: kind === 'video' ? videoCodec(moov, table) : undefined,
    isElsewhere: references !== undefined && refersToOtherFile(moov, references),
    needed: lastByte(moov, table),
  }
}

/** Section 8.7.2: the lowest flag of an entry says that the data are in this same file. */
function refersToOtherFile(moov: Buffer, { start, end }: Box): boolean {
  if (end - start < 20) return false
  return moov.readUInt32BE(start + 4) > 0 && (moov.readUInt8(start + 19) & 1) === 0
}
