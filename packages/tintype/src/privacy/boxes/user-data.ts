import type { PlacedBox } from '../../metadata/boxes.ts'
import { Damaged } from '../../metadata/damaged.ts'
import type { Found } from '../cleaning.ts'
import { readIso6709 } from '../iso6709.ts'
import { kindOfText } from '../names.ts'
import { bytesSayWhere } from '../says-where.ts'
import { cleanGpmf } from './gpmf.ts'
import { blank, childrenOf, erase, type Tree } from './tree.ts'

/** What the boxes of `udta` need of others. */
export interface Inside {
  meta(tree: Tree, box: PlacedBox): Promise<void>
  uuid(tree: Tree, box: PlacedBox): void
  xmp(tree: Tree, box: PlacedBox): void
}

/**
 * User data (QuickTime File Format, "User data atoms"; 3GPP TS 26.244, section 8). What is known to be harmless stays;
 * what is known to be private goes; and so does what cameras put there in a form of their own, since nothing needs it to play.
 */
export async function cleanUserData(tree: Tree, within: PlacedBox, inside: Inside): Promise<void> {
  const { boxes, rest } = childrenOf(tree.bytes, within)
  for (const box of boxes) await cleanOne(tree, box, inside)
  // A list may end with four bytes of zeros. Anything else there is a camera's own.
  erase(tree, 'other', rest)
}

async function cleanOne(tree: Tree, box: PlacedBox, inside: Inside): Promise<void> {
  const { bytes, findings } = tree
  if (!findings.spend('items', 1)) throw new Damaged('has too many parts')
  const { type } = box
  if (type === 'free' || type === 'skip') return erase(tree, 'other', box)
  if (type === 'meta') return inside.meta(tree, box)
  if (type === 'uuid') return inside.uuid(tree, box)
  if (type === 'XMP_') return inside.xmp(tree, box)
  if (type === 'GPMF') return cleanGpmf(tree, box)
  if (type === '\xa9xyz' || type === '@xyz' || type === 'loci') {
    const position = type === 'loci' ? readLoci(bytes, box) : readIso6709(textOf(bytes, box))
    if (position) findings.position(position)
  }
  const kind = privates[type]
  if (kind) return blank(tree, [kind], box)
  if (thumbnails.has(type)) return embedPicture(tree, box)
  if (!isHarmless(type)) return blank(tree, ['other'], box)
  const beginning = bytes.subarray(box.start, Math.min(box.end, box.start + most))
  const ofText =
    kindOfText(textOf(bytes, box)) ?? (bytesSayWhere(beginning, findings.spend) ? 'location' : undefined)
  if (ofText) blank(tree, [ofText], box)
}

/** Bytes of a text that are looked through; boxes of other content are longer. */
const most = 32 * 1024

/** Behind two bytes of length and two of language; or as it is, where it begins without them. */
function textOf(bytes: Buffer, { start, end }: PlacedBox): string {
  const isPlain = /[+-]/.test(String.fromCharCode(bytes[start] ?? 0))
  const from = isPlain ? start : start + 4
  const to = isPlain ? end : Math.min(end, from + (end - start >= 4 ? bytes.readUInt16BE(start) : 0))
  return bytes.toString('utf8', from, Math.min(to, from + 200)).replace(/\0.*$/s, '')
}

/** 3GPP TS 26.244, section 8.10: longitude, latitude and altitude in 16.16 behind a name and a role. */
function readLoci(bytes: Buffer, { start, end }: PlacedBox) {
  let at = start + 6
  const wide = at + 2 <= end && /^(feff|fffe)$/.test(bytes.toString('hex', at, at + 2))
  const step = wide ? 2 : 1
  while (at + step <= end && (bytes[at] !== 0 || (wide && bytes[at + 1] !== 0))) at += step
  at += step + 1
  if (at + 12 > end) return undefined
  const [longitude, latitude, altitude] = [0, 4, 8].map((i) => bytes.readInt32BE(at + i) / 65536) as [
    number,
    number,
    number,
  ]
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
    ? { latitude, longitude, altitude }
    : undefined
}

/** Pictures that a camera puts beside the video; they have an Exif block of their own. */
function embedPicture({ bytes, findings }: Tree, { start, end }: PlacedBox): void {
  const jpeg = bytes.subarray(start, end).indexOf('ffd8ff', 'hex')
  if (jpeg >= 0) findings.embed({ type: 'image/jpeg', offset: start + jpeg, length: end - start - jpeg })
}

const thumbnails = new Set(['CNTH', 'thmb', 'PXTH', 'RTHU', 'scrn', 'thum'])

const privates: Record<string, keyof Found> = {
  '\xa9xyz': 'location',
  '@xyz': 'location',
  loci: 'location',
  'gps ': 'location',
  'GPS ': 'location',
  '\xa9gps': 'location',
  slno: 'identifiers',
  SNum: 'identifiers',
  cmid: 'identifiers',
  clid: 'identifiers',
  // GoPro: of its lens, its body, this recording, and its group of recordings.
  LENS: 'identifiers',
  CAME: 'identifiers',
  MUID: 'identifiers',
  GUMI: 'identifiers',
  BCID: 'identifiers',
  '\xa9uid': 'identifiers',
}

/** Titles, dates, makes and models, copyright, chapters, and what players go by. */
const harmless = new Set(
  (
    'name WLOC LOOP SelO AllF hnti hinf hinv cprt auth titl dscp perf gnre albm coll rtng clsf kywd yrrc urat chpl ' +
    'manu modl vndr date angl clfn cmnm reel scen shot CNCV CNMN CNFV FIRM FFMV QVMI GoPr HMMT SDLN mcvr vrot cver ' +
    '@mak @mod @swr @day ID32 kind tagc ludt tsel strk titl albr tnam ptv  cdis adaf thmb Allf play url '
  ).split(' '),
)

/** Text of QuickTime, whose names begin so. DJI's, Sony's and others' with numbers of their own are not among them. */
const texts =
  /^\xa9(cpy|day|ART|art|alb|arg|ark|aut|cmt|cok|com|dir|ed\d|fmt|gen|grp|inf|isr|lab|lal|lyr|mak|mal|mod|mdl|nam|pdk|phg|prd|prf|prk|prl|req|snk|snm|src|swf|swk|swr|too|trk|wrt|enc|TSC|TSZ|TIM|PRD|des|dis|hst|key|ope|url|wrn|ack)$/

function isHarmless(type: string): boolean {
  return harmless.has(type) || texts.test(type)
}
