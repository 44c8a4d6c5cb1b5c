import { findBox, type PlacedBox } from '../../metadata/boxes.ts'
import { readSamsungTrailer } from '../../metadata/samsung-trailer.ts'
import { cleanExif } from '../exif/clean-exif.ts'
import { zeros } from '../findings.ts'
import { cleanSamsungBlock } from '../jpeg/trailers.ts'
import { bytesSayWhere } from '../says-where.ts'
import { cleanXmp } from '../xmp/clean-xmp.ts'
import { cleanItems } from './items.ts'
import { cleanKeyValues, readKeys } from './key-values.ts'
import type { Movie } from './movie.ts'
import { blank, childrenOf, erase, eraseAll, free, isZero, type Range, type Tree } from './tree.ts'
import { cleanUserData } from './user-data.ts'
import { uuidContent } from './uuids.ts'
import { cleanXml } from './xml.ts'

/** Boxes in boxes of real files. */
const maxDepth = 10

/** Looks through a box that was read whole, and what is in it. */
export async function visit(tree: Tree, box: PlacedBox, movie: Movie, depth = 0): Promise<void> {
  const { type } = box
  if (depth > maxDepth) return tree.findings.unsure('Its boxes are nested too deeply.')
  if (type === 'trak') {
    if (await movie.takeTrack(tree, box, visitUuid)) return
  }
  if (containers.has(type)) {
    const { boxes, rest } = childrenOf(tree.bytes, box)
    for (const child of boxes) await visit(tree, child, movie, depth + 1)
    if (!isZero(tree.bytes, rest.start, rest.end)) tree.findings.unsure('Its index is damaged.')
  } else if (type === 'udta') {
    await cleanUserData(tree, box, {
      meta: (tree, box) => visitMeta(tree, box, movie),
      uuid: visitUuid,
      xmp: cleanXmpIn,
    })
  } else if (type === 'meta') {
    await visitMeta(tree, box, movie)
  } else if (type === 'uuid') {
    visitUuid(tree, box)
  } else if (type === 'free' || type === 'skip' || type === 'wide') {
    erase(tree, 'other', box)
  } else if (type === 'sefd') {
    cleanSamsung(tree, box)
  } else if (type === 'gps ') {
    await movie.takeGpsList(tree, box)
  } else if (type === 'emsg') {
    // Players need no messages of a broadcast.
    blank(tree, ['other'], box)
  } else if (type === 'PICT' || type === 'thmb') {
    embedPictures(tree, box)
  } else if (type === 'cmov') {
    movie.unread()
    tree.findings.unsure('Its index is compressed.')
  } else if (!harmless.has(type)) {
    movie.unknownBox(tree, box)
  } else {
    if (type === 'saio') movie.unread()
    lookForTexts(tree, box)
  }
}

/** In boxes that have a meaning of their own, programs put texts. */
export function lookForTexts({ bytes, findings }: Tree, { type, start, end }: PlacedBox): void {
  if (tables.has(type) || end - start > maxText || end - start < minText) return
  if (bytesSayWhere(bytes.subarray(start, end), findings.spend))
    findings.unsure(`It says where it was in an unusual place (${type}).`)
}
const maxText = 4096
const minText = 12
const tables = new Set(
  'stts ctts cslg stsc stsz stz2 stco co64 stss stsh sdtp sbgp sgpd subs saiz saio trun tfra mvhd tkhd mdhd'.split(
    ' ',
  ),
)

/** Previews beside a movie. */
function embedPictures({ bytes, findings }: Tree, { start, end }: PlacedBox): void {
  const jpeg = bytes.subarray(start, end).indexOf('ffd8ff', 'hex')
  if (jpeg >= 0) findings.embed({ type: 'image/jpeg', offset: start + jpeg, length: end - start - jpeg })
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf', 'meco', 'htka'])

/** Of a movie, a track, its tables, and its fragments (ISO/IEC 14496-12, QuickTime File Format). */
const harmless = new Set(
  (
    'mvhd iods mvex trex mehd trep leva pssh ctab clip drm prfl rmra ainf ' +
    'tkhd tref trgr edts elst tapt matt load imap txas mdhd hdlr elng vmhd smhd hmhd nmhd sthd gmhd dinf dref ' +
    'stsd stts ctts cslg stsc stsz stz2 stco co64 stss stsh padb stdp sdtp sbgp sgpd subs saiz saio senc stps sidx ' +
    'csgm mfhd tfhd trun tfdt mfra tfra mfro vexu ludt tsel kind strk'
  ).split(' '),
)

/** In QuickTime files its children begin at once, elsewhere behind a version and flags. */
function metaContent(bytes: Buffer, { start, end }: PlacedBox): Range {
  const isQuickTime = bytes.toString('latin1', start + 4, start + 8) === 'hdlr'
  return { start: Math.min(isQuickTime ? start : start + 4, end), end }
}

async function visitMeta(tree: Tree, box: PlacedBox, movie: Movie): Promise<void> {
  const { bytes, findings } = tree
  const content = metaContent(bytes, box)
  const { boxes } = childrenOf(bytes, content)
  const keys = boxes.find(({ type }) => type === 'keys')
  const entries = keys ? readKeys(bytes, keys) : []
  // A reader that trusts the count of damaged keys reads on in what would be erased behind them.
  if (!entries && !boxes.some(({ type }) => type === 'iloc')) {
    blank(tree, ['other'], box)
    return
  }
  for (const child of boxes) {
    const { type } = child
    if (type === 'ilst') cleanKeyValues(tree, { keys, entries }, child)
    else if (type === 'xml ') cleanXml(tree, child)
    else if (type === 'iinf') await cleanItems(tree, content, movie)
    else if (type === 'uuid') visitUuid(tree, child)
    else if (type === 'free' || type === 'skip') erase(tree, 'other', child)
    else if (type === 'bxml') findings.unsure('It has XML in a binary form, which may hold anything.')
    else if (type === 'iprp') cleanDescriptions(tree, child)
    else if (!ofMeta.has(type)) blank(tree, ['other'], child)
  }
}

/** What people say of a picture: a name, a description, tags; it has a number among the properties, and keeps it. */
function cleanDescriptions(tree: Tree, properties: PlacedBox): void {
  const list = findBox(tree.bytes, ['ipco'], properties)
  if (!list) return
  for (const property of childrenOf(tree.bytes, list).boxes) {
    if (property.type !== 'udes' && property.type !== 'altt') continue
    if (bytesSayWhere(tree.bytes.subarray(property.start, property.end), tree.findings.spend))
      blank(tree, ['location'], property)
  }
}

const ofMeta = new Set(
  'hdlr keys pitm iloc iprp iref idat ipro iinf grpl dinf ctry lang mhdr fiin ispe'.split(' '),
)

function visitUuid(tree: Tree, box: PlacedBox): void {
  const content = uuidContent(tree.bytes, box)
  const inside = { start: Math.min(box.start + 16, box.end), end: box.end }
  if (content === 'xmp') cleanXmpIn(tree, inside)
  else if (content === 'exif') cleanExifIn(tree, inside)
  else if (content === 'credentials') takeManifest(tree, box, inside)
  else if (content === 'canon') cleanCanon(tree, inside)
  else if (content !== 'harmless') blank(tree, [content], box)
}

function cleanXmpIn({ bytes, findings }: Tree, { start, end }: Range): void {
  cleanXmp(bytes.subarray(start, end), findings.at(start))
}

function cleanExifIn({ bytes, findings }: Tree, { start, end }: Range): void {
  cleanExif(bytes.subarray(start, end), findings.at(start))
}

/** Content Credentials: the box becomes one that readers pass over, where they go. */
function takeManifest({ bytes, findings }: Tree, box: PlacedBox, inside: Range): void {
  findings.manifest(bytes.subarray(inside.start, inside.end), [
    { offset: box.at + 4, bytes: free },
    { offset: box.start, bytes: zeros(box.end - box.start) },
  ])
}

/** What Samsung appends to its photos has a box of its own in a HEIC. What its directory does not speak of is erased. */
function cleanSamsung(tree: Tree, box: PlacedBox): void {
  const content = tree.bytes.subarray(box.start, box.end)
  const trailer = readSamsungTrailer(content)
  if (!trailer) {
    blank(tree, ['other'], box)
    return
  }
  let at = 0
  const eraseUpTo = (end: number) => erase(tree, 'other', { start: box.start + at, end: box.start + end })
  for (const [start, block] of trailer.blocks) {
    eraseUpTo(start)
    cleanSamsungBlock(content, block, tree.findings.at(box.start))
    at = block.end
  }
  eraseUpTo(trailer.start)
}

/** Directories of Exif as TIFF files, and a picture. The third is Canon's own, the fourth is the position. */
function cleanCanon(tree: Tree, within: Range): void {
  for (const box of childrenOf(tree.bytes, within).boxes) {
    if (box.type === 'CMT1' || box.type === 'CMT2') cleanExifIn(tree, box)
    else if (box.type === 'CMT3') eraseKind(tree, 'identifiers', box)
    else if (box.type === 'CMT4') eraseKind(tree, 'location', box)
    else if (box.type === 'CNTH') {
      const picture = findBox(tree.bytes, ['CNDA'], box)
      if (picture)
        tree.findings.embed({
          type: 'image/jpeg',
          offset: picture.start,
          length: picture.end - picture.start,
        })
    } else if (box.type === 'THMB') blank(tree, ['other'], box)
  }
}

function eraseKind(tree: Tree, kind: 'location' | 'identifiers', box: PlacedBox): void {
  tree.findings.found(kind)
  if (tree.findings.removes(kind)) eraseAll(tree, box)
}
