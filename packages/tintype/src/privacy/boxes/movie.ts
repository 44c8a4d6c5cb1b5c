import { findBox, type PlacedBox } from '../../metadata/boxes.ts'
import { Damaged } from '../../metadata/damaged.ts'
import { eachChunk } from '../../metadata/sample-ranges.ts'
import type { Found } from '../cleaning.ts'
import { zeros } from '../findings.ts'
import type { Ranges } from '../ranges.ts'
import { lookBetween } from './between.ts'
import { type Coding, codingOf, pictureHead, unknownUserData } from './coded-pictures.ts'
import { type DefaultSizes, defaultSizes, trackRuns } from './fragments.ts'
import type { Guard } from './guard.ts'
import { cleanSampleEntries, isCountedInFrames } from './sample-entries.ts'
import { handlerOf, trackContent } from './tracks.ts'
import { blank, isZero, printable, type Range, type Tree } from './tree.ts'

/** Samples of telemetry that are overwritten: a recording of hours has one a second. */
const maxPieces = 50_000
const maxErased = 256 * 1024 * 1024

/** Runs of samples in fragments: a day of them, of several tracks. */
const maxRuns = 500_000

/** What has to be known of a whole file while its boxes are looked through. */
export type Movie = ReturnType<typeof createMovie>

export function createMovie(file: Ranges, guard: Guard) {
  const { findings } = guard
  /** Tracks of coded pictures whose samples lie in fragments. */
  const coded = new Map<number, Coding>()
  /** Its tables may name less than its samples have. */
  let isSoundUnsure = false
  /** A table that is compressed, or that is none of samples. */
  let isUnread = false
  /** Tracks that are taken out, by their number. */
  const gone = new Map<number, (keyof Found)[]>()
  let sizes: DefaultSizes = new Map()
  let pieces = 0
  let erased = 0
  let runs = 0

  function erasePiece({ start, end }: Range): void {
    if (start >= file.size) return
    const stop = Math.min(end, file.size)
    pieces++
    erased += stop - start
    if (pieces > maxPieces || erased > maxErased) {
      findings.unsure('Its camera wrote positions into more places than can be overwritten.')
      return
    }
    const step = 64 * 1024
    for (let at = start; at < stop; at += step) guard.overwriteMedia(at, zeros(Math.min(step, stop - at)))
  }

  async function lookAtPicture(start: number, coding: Coding): Promise<void> {
    if (start >= file.size) return
    const unknown = unknownUserData(await file.read(start, Math.min(file.size, start + pictureHead)), coding)
    if (unknown !== undefined)
      findings.unsure(`Its pictures have data of an unknown kind in them (${unknown}).`)
  }

  return {
    file,
    findings,
    keep: guard.keep,
    named: guard.named,
    area: guard.area,
    overwriteMedia: guard.overwriteMedia,

    /** Of a movie in fragments, before they come. */
    readDefaults(moov: Buffer, content: Range): void {
      sizes = defaultSizes(moov, content)
    },

    /** Takes a track out of the movie if it holds what the policy removes. */
    async takeTrack(
      tree: Tree,
      trak: PlacedBox,
      visitUuid: (tree: Tree, box: PlacedBox) => void,
    ): Promise<boolean> {
      const { bytes } = tree
      const table = findBox(bytes, ['mdia', 'minf', 'stbl'], trak)
      const content = await trackContent(tree, trak, file)
      if (Array.isArray(content)) {
        for (const kind of content) findings.found(kind)
        if (content.some((kind) => findings.removes(kind))) {
          const number = trackNumber(bytes, trak)
          if (number !== undefined) gone.set(number, content)
          if (table)
            eachChunk(bytes, table, (start, end) => {
              erasePiece({ start, end })
              return pieces <= maxPieces
            })
          blank(tree, content, trak)
          return true
        }
      } else if (content !== 'content') {
        findings.unsure(
          `It has a track of an unknown kind (${content.unknown}), which may hold positions or serial numbers.`,
        )
      }
      if (!table) return false
      const handler = handlerOf(bytes, trak)
      if (handler === 'vide' || handler === 'soun') cleanSampleEntries(tree, table, handler, visitUuid)
      if (isElsewhere(bytes, trak)) return false
      guard.keep((range) => eachChunk(bytes, table, range))
      isSoundUnsure ||= handler === 'soun' && isCountedInFrames(bytes, table)
      const coding = handler === 'vide' ? codingOf(bytes, table) : undefined
      const number = trackNumber(bytes, trak)
      if (coding && number !== undefined) coded.set(number, coding)
      if (coding) for (const start of someChunks(bytes, table)) await lookAtPicture(start, coding)
      return false
    },

    /** Its index is not there to be read, or samples have more than what its tables name. */
    unread(): void {
      isUnread = true
    },

    /** When all boxes were seen: passes all edits on, or none. */
    async finish(): Promise<void> {
      if (!isUnread) await lookBetween({ file, guard, isSoundUnsure })
      guard.finish()
    },

    /**
     * @param base where the bytes begin in the file
     * @throws {Damaged}
     */
    async takeFragment(tree: Tree, content: Range, base: number): Promise<void> {
      for (const { track, ranges, box } of trackRuns(tree.bytes, content, base, sizes)) {
        runs += ranges.length
        if (runs > maxRuns) throw new Damaged('has too many parts')
        const kinds = gone.get(track)
        if (kinds) {
          for (const range of ranges) erasePiece(range)
          blank(tree, kinds, box)
        } else if (ranges.length > 0) {
          guard.keep((range) => void ranges.every(({ start, end }) => range(start, end)))
          const coding = coded.get(track)
          coded.delete(track)
          if (coding) await lookAtPicture(ranges[0]?.start ?? file.size, coding)
        }
      }
    },

    /** Dash cams list where in the file they have put blocks with positions: offset and size of each. */
    async takeGpsList(tree: Tree, box: PlacedBox): Promise<void> {
      findings.found('location')
      if (!findings.removes('location')) return
      for (let at = box.start + 8; at + 8 <= box.end; at += 8) {
        const start = tree.bytes.readUInt32BE(at)
        const end = start + tree.bytes.readUInt32BE(at + 4)
        if (start < 8 || end > file.size || end - start < 16 || end - start > 1024 * 1024) continue
        const head = await file.read(start, start + 16)
        if (head.toString('latin1', 4, 11) !== 'freeGPS') continue
        guard.overwriteMedia(start + 8, zeros(end - start - 8))
      }
      blank(tree, ['location'], box)
    },

    /** Small ones that are empty say nothing. */
    unknownBox({ bytes }: Tree, { type, start, end }: PlacedBox): void {
      if (isZero(bytes, start, end)) return
      findings.unsure(`It has data of an unknown kind (${printable(type)}).`)
    },
  }
}

function trackNumber(bytes: Buffer, trak: PlacedBox): number | undefined {
  const header = findBox(bytes, ['tkhd'], trak)
  if (!header) return undefined
  const at = header.start + (bytes.readUInt8(header.start) === 1 ? 20 : 12)
  return at + 4 <= header.end ? bytes.readUInt32BE(at) : undefined
}

/** Its samples are in another file, as QuickTime's reference movies have them (section 8.7.2). */
function isElsewhere(bytes: Buffer, trak: PlacedBox): boolean {
  const references = findBox(bytes, ['mdia', 'minf', 'dinf', 'dref'], trak)
  if (!references || references.end - references.start < 20) return false
  return bytes.readUInt32BE(references.start + 4) > 0 && (bytes.readUInt8(references.start + 19) & 1) === 0
}

/** Where the first chunk begins, and one in the middle. */
function someChunks(bytes: Buffer, table: Range): number[] {
  const starts: number[] = []
  const all = { type: 'stbl', ...table }
  eachChunk(bytes, all, (start) => void starts.push(start))
  return starts.length > 1 ? [starts[0] as number, starts[starts.length >> 1] as number] : starts
}
