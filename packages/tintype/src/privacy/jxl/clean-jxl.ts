import { findBox, type PlacedBox } from '../../metadata/boxes.ts'
import { outerBoxAt } from '../boxes/outer.ts'
import { blank, erase, free, printable, type Tree } from '../boxes/tree.ts'
import type { CleaningSource } from '../cleaning.ts'
import { cleanExifContent } from '../exif/clean-exif.ts'
import { type AllFindings, type Findings, zeros } from '../findings.ts'
import { type Ranges, rangesOf } from '../ranges.ts'
import { unlessDamaged } from '../unless-damaged.ts'
import { cleanXmp } from '../xmp/clean-xmp.ts'
import { recompress, uncompress } from './brotli.ts'

/** Bytes of a box of metadata that is looked into. */
const maxBox = 16 * 1024 * 1024
/** Boxes that are compressed: Exif, XMP, JUMBF. */
const maxCompressed = 8

/**
 * Cleans JPEG XL in its container (ISO/IEC 18181-2). A bare codestream has no metadata, but anything may
 * follow it. Exif keeps its length, so that a
 * JPEG from which the picture was made losslessly can be put together again, without what was removed.
 */
export async function cleanJxl(source: CleaningSource, findings: AllFindings): Promise<void> {
  await unlessDamaged(findings, () => walk(rangesOf(source), findings))
}

async function walk(file: Ranges, findings: AllFindings): Promise<void> {
  const head = await file.read(0, Math.min(2, file.size))
  if (head.toString('hex') === 'ff0a') return lookBehind(file, findings)
  let compressed = 0
  for (let at = 0; at + 8 <= file.size; ) {
    const box = await outerBoxAt(file, at)
    if (!box || box.end > file.size) {
      findings.unsure('Its boxes are damaged.')
      return
    }
    at = box.end
    if (picture.has(box.type)) continue
    if (box.type === 'brob') compressed++
    if (box.end - box.at > maxBox || compressed > maxCompressed) {
      findings.unsure('It has more metadata than any picture.')
      return
    }
    const bytes = await file.read(box.at, box.end)
    const tree: Tree = { bytes, base: box.at, findings: findings.at(box.at) }
    await takeBox(tree, { type: box.type, at: 0, start: box.start - box.at, end: bytes.length })
  }
}

/**
 * Only decoding tells where a bare codestream ends. It is compressed: a run of letters is no part of it, nor is how
 * blocks of metadata and files of other formats begin.
 */
async function lookBehind(file: Ranges, findings: AllFindings): Promise<void> {
  const tail = await file.read(Math.max(2, file.size - maxTail), file.size)
  if (letters.test(tail.toString('latin1')) || beginnings.some((one) => tail.includes(one))) {
    findings.unsure('It has bytes of an unknown kind behind its picture.')
  }
}

const maxTail = 1024 * 1024
const letters = /[ -~]{18}/
const beginnings = [
  ...['Exif\0\0', 'II*\0\x08\0', 'MM\0*\0\0', '\xff\xd8\xff\xe0\0', '\xff\xd8\xff\xe1', '\x89PNG\r\n'],
  ...['ftypjxl ', 'ftypisom', 'ftypmp4', 'ftypqt  '],
].map((text) => Buffer.from(text, 'latin1'))

/** The codestream, whole and in parts, its level, its index, what rebuilds a JPEG, the gain map. */
const picture = new Set(['JXL ', 'ftyp', 'jxll', 'jxlc', 'jxlp', 'jxli', 'jbrd', 'jhgm', 'hrgm'])

async function takeBox(tree: Tree, box: PlacedBox): Promise<void> {
  const { bytes, findings } = tree
  const { type, start, end } = box
  if (cleanInner(type, bytes.subarray(start, end), findings.at(start))) return
  if (type === 'brob') await takeCompressed(tree, box)
  else if (type === 'free' || type === 'skip') erase(tree, 'other', box)
  else if (type === 'jumb' && isC2pa(bytes, box)) {
    findings.manifest(bytes.subarray(start, end), [
      { offset: box.at + 4, bytes: free },
      { offset: start, bytes: zeros(end - start) },
    ])
  } else if (type === 'jumb') blank(tree, ['other'], box)
  else findings.unsure(`It has data of an unknown kind (${printable(type)}).`)
}

/** @returns whether it is a kind of metadata that is known */
function cleanInner(type: string, content: Buffer, findings: Findings): boolean {
  if (type === 'xml ') cleanXmp(content, findings)
  else if (type === 'Exif') cleanExifContent(content, findings)
  else return false
  return true
}

/** A box of another type, compressed with Brotli: cleaned and compressed again, or made a box that readers pass over. */
async function takeCompressed(tree: Tree, box: PlacedBox): Promise<void> {
  const { bytes, findings } = tree
  const type = bytes.toString('latin1', box.start, Math.min(box.start + 4, box.end))
  const content = await uncompress(bytes.subarray(box.start + 4, box.end))
  if (!content) return blank(tree, ['other'], box)
  const cleaned = await recompress(content, bytes.subarray(box.at, box.end), findings, (inner, here) =>
    cleanInner(type, inner, here),
  )
  if (cleaned === 'unknown') blank(tree, ['other'], box)
  else if (cleaned) findings.edit(box.at, cleaned)
}

/** By the description that a JUMBF box begins with (ISO/IEC 19566-5): its type is `c2pa` in a UUID. */
function isC2pa(bytes: Buffer, box: PlacedBox): boolean {
  const description = findBox(bytes, ['jumd'], box)
  return (
    description !== undefined && bytes.toString('latin1', description.start, description.start + 4) === 'c2pa'
  )
}
