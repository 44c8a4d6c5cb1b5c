import { type Box, boxesIn, findBox } from '../metadata/boxes.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import { Damaged } from './verdict.ts'

/** Duration of each track by its index alone, in seconds, without its fragments. */
export interface Clock {
  id: number
  /** Units of the media's time in a second. */
  scale: number
  /** Of a sample in a fragment that doesn't say its own, in units. */
  sampleDuration: number
  seconds: number
}

/**
 * Reads times off the index of a movie (ISO/IEC 14496-12). An edit list says what is shown of a track; without one it is
 * all of its samples. Linear in the size of the index, whatever numbers it holds.
 */
export function readClocks(moov: Buffer, content: { start: number; end: number }): Clock[] {
  const movieScale = scaleOf(moov, findBox(moov, ['mvhd'], content))
  const defaults = new Map<number, number>()
  const extended = findBox(moov, ['mvex'], content)
  for (const box of extended ? boxesIn(moov, extended, 'lenient') : []) {
    if (box.type === 'trex') defaults.set(moov.readUInt32BE(box.start + 4), moov.readUInt32BE(box.start + 12))
  }
  const clocks: Clock[] = []
  for (const trak of boxesIn(moov, content, 'lenient')) {
    const header = trak.type === 'trak' ? findBox(moov, ['tkhd'], trak) : undefined
    const media = header && findBox(moov, ['mdia', 'mdhd'], trak)
    if (!header || !media) continue
    const id = moov.readUInt32BE(header.start + (moov.readUInt8(header.start) === 1 ? 20 : 12))
    const scale = scaleOf(moov, media)
    const times = findBox(moov, ['mdia', 'minf', 'stbl', 'stts'], trak)
    const samples = times ? lengthOfSamples(moov, times) / scale : 0
    const edits = findBox(moov, ['edts', 'elst'], trak)
    // A movie in fragments begins with an edit that says nothing about its length.
    const shown = edits && samples > 0 ? lengthOfEdits(moov, edits) / movieScale : 0
    const seconds =
      shown > 0 ? Math.min(shown, samples + emptyEdit(moov, edits as Box) / movieScale) : samples
    clocks.push({ id, scale, sampleDuration: defaults.get(id) ?? 0, seconds })
  }
  return clocks
}

/** Adds a fragment's duration to its tracks. `moof` is the content of such a box. */
function addFragment(moof: Buffer, clocks: Clock[]): void {
  for (const traf of boxesIn(moof)) {
    const header = traf.type === 'traf' ? findBox(moof, ['tfhd'], traf) : undefined
    const clock = header && clocks.find(({ id }) => id === moof.readUInt32BE(header.start + 4))
    if (!header || !clock) continue
    const begun = findBox(moof, ['tfdt'], traf)
    const isLong = begun && moof.readUInt8(begun.start) === 1
    const start =
      begun && (isLong ? Number(moof.readBigUInt64BE(begun.start + 4)) : moof.readUInt32BE(begun.start + 4))
    const each = defaultDuration(moof, header) ?? clock.sampleDuration
    let units = 0
    for (const run of boxesIn(moof, traf)) if (run.type === 'trun') units += lengthOfRun(moof, run, each)
    const from = start === undefined ? clock.seconds : start / clock.scale
    clock.seconds = Math.max(clock.seconds, from + units / clock.scale)
  }
}

/** Reads the fragments' indexes. @param at where their boxes are, contents without headers */
export async function addFragments(source: RangeSource, at: Box[], clocks: Clock[]): Promise<void> {
  for (const { start, end } of at) addFragment(Buffer.from(await source.read(start, end)), clocks)
}

/** Of `mvhd` and `mdhd`, which begin alike. */
function scaleOf(bytes: Buffer, box: Box | undefined): number {
  return box ? bytes.readUInt32BE(box.start + (bytes.readUInt8(box.start) === 1 ? 20 : 12)) : 0
}

function lengthOfSamples(bytes: Buffer, box: Box): number {
  let units = 0
  for (const at of rows(bytes, box, 8)) units += bytes.readUInt32BE(at) * bytes.readUInt32BE(at + 4)
  return units
}

function lengthOfEdits(bytes: Buffer, box: Box): number {
  let units = 0
  for (const { length } of editsIn(bytes, box)) units += length
  return units
}

/** What comes before the first picture. */
function emptyEdit(bytes: Buffer, box: Box): number {
  let units = 0
  for (const { length, isEmpty } of editsIn(bytes, box)) if (isEmpty) units += length
  return units
}

function* editsIn(bytes: Buffer, box: Box): Generator<{ length: number; isEmpty: boolean }> {
  const isLong = bytes.readUInt8(box.start) === 1
  for (const at of rows(bytes, box, isLong ? 20 : 12)) {
    const length = isLong ? Number(bytes.readBigUInt64BE(at)) : bytes.readUInt32BE(at)
    yield { length, isEmpty: bytes.readInt32BE(at + (isLong ? 8 : 4)) === -1 }
  }
}

/** Offset of the rows of a table. @throws {Damaged} when there is no room for all of them */
function* rows(bytes: Buffer, { start, end }: Box, width: number): Generator<number> {
  const count = bytes.readUInt32BE(start + 4)
  if (start + 8 + count * width > end) throw new Damaged('has a damaged index')
  for (let i = 0; i < count; i++) yield start + 8 + i * width
}

/** Section 8.8.7: optional fields come in the order of their flags. */
function defaultDuration(bytes: Buffer, { start }: Box): number | undefined {
  const flags = bytes.readUInt32BE(start) & 0xffffff
  if (!(flags & 0x08)) return undefined
  return bytes.readUInt32BE(start + 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0))
}

/** Section 8.8.8. */
function lengthOfRun(bytes: Buffer, { start, end }: Box, each: number): number {
  const flags = bytes.readUInt32BE(start) & 0xffffff
  const count = bytes.readUInt32BE(start + 4)
  if (!(flags & 0x100)) return count * each
  const width = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4
  const first = start + 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0)
  if (first + count * width > end) throw new Damaged('has a damaged index')
  let units = 0
  for (let i = 0; i < count; i++) units += bytes.readUInt32BE(first + i * width)
  return units
}
