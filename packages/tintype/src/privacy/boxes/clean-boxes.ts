import type { PlacedBox } from '../../metadata/boxes.ts'
import type { CleaningSource } from '../cleaning.ts'
import type { AllFindings } from '../findings.ts'
import { type Ranges, rangesOf } from '../ranges.ts'
import { unlessDamaged } from '../unless-damaged.ts'
import { createGuard } from './guard.ts'
import { createMovie, type Movie } from './movie.ts'
import { outerBoxAt } from './outer.ts'
import { padding, printable, type Tree } from './tree.ts'
import { lookForTexts, visit } from './visit.ts'

/** Bytes of an index that is read whole: an hour's has some megabytes. */
const maxIndex = 48 * 1024 * 1024
/** Bytes of any other box that is looked into. */
const maxBox = 16 * 1024 * 1024
/** Bytes behind the last box, in which cameras put data of their own. */
const maxTrailer = 4 * 1024 * 1024

/**
 * Cleans what is made of boxes (ISO base media files): MP4, QuickTime, HEIC, AVIF. Reads the headers of the outermost
 * boxes and what is in the index, none of the pictures and sound.
 */
export async function cleanBoxes(source: CleaningSource, findings: AllFindings): Promise<void> {
  const guard = createGuard(findings)
  const file = rangesOf(source)
  await unlessDamaged(findings, async () => {
    const movie = createMovie(file, guard)
    await walk(file, movie)
    await movie.finish()
  })
}

async function walk(file: Ranges, movie: Movie): Promise<void> {
  let at = 0
  let hasIndex = false
  while (at + 8 <= file.size) {
    const box = await outerBoxAt(file, at)
    if (!box) break
    if (box.end > file.size) {
      if (!needed.has(box.type)) break
      movie.area(box.start, file.size, box.type === 'mdat')
      if (box.type !== 'mdat') movie.findings.unsure('It is cut off.')
      return
    }
    await takeBox(file, movie, box)
    hasIndex ||= box.type === 'moov' || box.type === 'meta'
    at = box.end
  }
  if (at < file.size) await takeTrailer(file, movie, at, hasIndex)
}

async function takeBox(file: Ranges, movie: Movie, box: PlacedBox): Promise<void> {
  const { type, start, end } = box
  if (type === 'mdat' || type === 'free' || type === 'skip') movie.area(start, end, type === 'mdat')
  if (harmless.has(type)) {
    if (type !== 'mdat' && end - box.at <= smallBox) await lookAtSmall(file, movie, box)
    return
  }
  if (type === 'mpvd') return movie.findings.embed({ type: 'video/mp4', offset: start, length: end - start })
  const size = end - box.at
  if (size > (type === 'moov' || type === 'meta' ? maxIndex : maxBox)) return takeLargeBox(file, movie, box)
  const bytes = await file.read(box.at, end)
  const tree: Tree = { bytes, base: box.at, findings: movie.findings.at(box.at) }
  const inside: PlacedBox = { type, at: 0, start: start - box.at, end: bytes.length }
  if (type === 'moov') movie.readDefaults(bytes, inside)
  if (type === 'moof') await movie.takeFragment(tree, inside, box.at)
  await visit(tree, inside, movie)
}

/** Boxes of numbers, in which there is room for a text. */
async function lookAtSmall(
  file: Ranges,
  { findings }: Movie,
  { type, at, start, end }: PlacedBox,
): Promise<void> {
  const bytes = await file.read(at, end)
  lookForTexts({ bytes, base: at, findings }, { type, at: 0, start: start - at, end: bytes.length })
}
const smallBox = 4096

/** What is not used is not read, beyond its beginning. */
async function takeLargeBox(file: Ranges, movie: Movie, { type, start, end }: PlacedBox): Promise<void> {
  const isUnused = type === 'free' || type === 'skip' || type === 'wide'
  const head = isUnused ? await file.read(start, Math.min(end, start + 64 * 1024)) : undefined
  if (head?.every((byte) => byte === 0)) return
  movie.findings.unsure(`It has a large box of data of an unknown kind (${printable(type)}).`)
}

/** Bytes behind the last box. Where the boxes break off in the middle, the index or pictures may be among them. */
async function takeTrailer(file: Ranges, movie: Movie, at: number, hasIndex: boolean): Promise<void> {
  const { findings } = movie
  if (file.size - at > maxTrailer) {
    findings.unsure('It has much data behind its end that only its camera knows.')
    return
  }
  const bytes = await file.read(at, file.size)
  if (bytes.every((byte) => byte === 0)) return
  const isEnd = hasIndex && !/mo(ov|of)|mdat|meta/.test(bytes.toString('latin1'))
  if (!isEnd) findings.unsure('Its boxes are damaged.')
  else findings.overwrite('other', at, bytes.length < 8 ? Buffer.alloc(bytes.length) : padding(bytes.length))
}

/** Anything else that reaches past the end is what a camera put behind it. */
const needed = new Set(['mdat', 'moov', 'moof', 'meta', 'mpvd', 'uuid'])

const harmless = new Set('ftyp styp mdat pdin pnot sidx ssix prft mfra crgn'.split(' '))
