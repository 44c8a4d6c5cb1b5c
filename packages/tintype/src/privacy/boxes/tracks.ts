import { boxesIn, findBox, type PlacedBox } from '../../metadata/boxes.ts'
import { eachChunk } from '../../metadata/sample-ranges.ts'
import type { Found } from '../cleaning.ts'
import { kindOfName } from '../names.ts'
import type { Ranges } from '../ranges.ts'
import { bytesSayWhere } from '../says-where.ts'
import { childrenOf, printable, type Range, type Tree } from './tree.ts'

/** What a track of a movie has: what people see and hear, or what is private in it, or what nobody knows. */
export type TrackContent = 'content' | (keyof Found)[] | { unknown: string }

export async function trackContent(
  { bytes, findings }: Tree,
  trak: PlacedBox,
  file: Ranges,
): Promise<TrackContent> {
  const type = handlerOf(bytes, trak)
  const table = findBox(bytes, ['mdia', 'minf', 'stbl'], trak)
  if (type === 'vide' || type === 'soun') return 'content'
  const entries = table ? sampleEntries(bytes, table) : []
  const kinds = entries.flatMap(({ type: entry }) => telemetry[entry] ?? [])
  if (kinds.length > 0) return [...new Set(kinds)]
  if (table && subtitles.has(type)) {
    const said = await positionsIn({ bytes, findings }, table, file)
    if (said === 'telemetry') return ['location', 'identifiers']
    return said === 'text' ? { unknown: 'text with a position' } : 'content'
  }
  if (contents.has(type)) return 'content'
  const ofEntries = entries.map((entry) => metadataContent(bytes, entry))
  const unknown = ofEntries.find((content) => content === undefined)
  if (unknown !== undefined || ofEntries.length === 0 || ofEntries.includes(undefined)) {
    return { unknown: printable(entries[0]?.type ?? type) }
  }
  const found = ofEntries.flatMap((content) => content ?? [])
  return found.length > 0 ? [...new Set(found)] : 'content'
}

/** `vide`, `soun`, ... */
export function handlerOf(bytes: Buffer, trak: PlacedBox): string {
  const handler = findBox(bytes, ['mdia', 'hdlr'], trak)
  return handler ? bytes.toString('latin1', handler.start + 8, handler.start + 12) : ''
}

function sampleEntries(bytes: Buffer, table: Range) {
  const described = findBox(bytes, ['stsd'], table)
  if (!described || described.end - described.start < 8) return []
  return childrenOf(bytes, { start: described.start + 8, end: described.end }).boxes
}

/** Of one of a track of timed metadata; nothing where it is unknown. An empty list: nothing private. */
function metadataContent(bytes: Buffer, { type, start, end }: PlacedBox): (keyof Found)[] | undefined {
  // Behind six reserved bytes and the number of its data reference.
  const inside = { start: Math.min(start + 8, end), end }
  if (type === 'mett') {
    const mime = bytes.toString('latin1', inside.start, end).split('\0')[1] ?? ''
    return motionPhoto.test(mime) ? [] : undefined
  }
  if (type !== 'mebx') return undefined
  const keys = childrenOf(bytes, inside).boxes.find((box) => box.type === 'keys')
  if (!keys) return undefined
  const names: string[] = []
  for (const key of boxesIn(bytes, keys, 'lenient')) {
    const declared = findBox(bytes, ['keyd'], key)
    names.push(declared ? bytes.toString('utf8', declared.start + 4, declared.end) : '')
  }
  const found = names.flatMap((name) => kindOfName(name) ?? [])
  if (found.length > 0) return found
  return names.every((name) => /^com\.(apple|android)\./.test(name)) ? [] : undefined
}

/** What tells players of motion photos which picture is the still one. */
const motionPhoto = /^application\/(microvideo|motionphoto)-(image-)?meta/

/** By the four letters of their sample descriptions. */
const telemetry: Record<string, (keyof Found)[]> = {
  // GoPro: its sensors once a second, and what the file is.
  gpmd: ['location', 'identifiers'],
  fdsc: ['identifiers'],
  // Google's camera motion.
  camm: ['location'],
  // Sony, Canon.
  rtmd: ['location', 'identifiers'],
  CTMD: ['identifiers'],
  // DJI.
  djmd: ['location', 'identifiers'],
  dbgi: ['location', 'identifiers'],
  // Dash cams.
  marl: ['location'],
  RVMI: ['location'],
  'gps ': ['location'],
  'GPS ': ['location'],
}

const contents = new Set(
  'tmcd hint auxv pict jpeg odsm sdsm ocsm crsm m7sm mjsm ipsm MPEG sprt musi twen clcp subp volu hapt'.split(
    ' ',
  ),
)

const subtitles = new Set(['text', 'sbtl', 'subt', 'clcp'])

/** Drones of DJI and some cameras write their position into subtitles. */
const positionInText =
  /\b(?:GPS|HOME)\s*[:=]?\s*\(\s*-?\d+\.\d+\s*,|\b(?:latitude|long?t?itude)\s*[:=]?\s*-?\d+\.\d+|\$G[NP](?:RMC|GGA),/i

/** Samples that are looked at. */
const someChunks = 4
const someBytes = 4 * 1024

/** People's own words may have a position in them, too: chapters, and what somebody says. */
async function positionsIn(
  { bytes, findings }: Pick<Tree, 'bytes' | 'findings'>,
  table: Range,
  file: Ranges,
): Promise<'telemetry' | 'text' | undefined> {
  const chunks: Range[] = []
  let isText = false
  eachChunk(bytes, { type: 'stbl', ...table }, (start, end) => {
    if (end <= file.size) chunks.push({ start, end })
    return chunks.length < someChunks
  })
  for (const { start, end } of chunks) {
    const text = await file.read(start, Math.min(end, start + someBytes))
    if (positionInText.test(text.toString('latin1'))) return 'telemetry'
    isText ||= bytesSayWhere(text, findings.spend)
  }
  return isText ? 'text' : undefined
}
