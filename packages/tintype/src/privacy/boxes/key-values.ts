import { boxesIn, type PlacedBox } from '../../metadata/boxes.ts'
import { Damaged } from '../../metadata/damaged.ts'
import type { Embedded, Found } from '../cleaning.ts'
import { readIso6709 } from '../iso6709.ts'
import { kindOfName, kindOfText } from '../names.ts'
import { pictureType } from '../picture-type.ts'
import { padding, type Tree } from './tree.ts'

interface Entry {
  /** With its header. */
  bytes: Buffer
  name: string
}

/**
 * The metadata of QuickTime: `keys` has names, `ilst` an item for each, which refers to its key by number (QuickTime File
 * Format, "Metadata"). Without `keys` the items are those of iTunes, known by four letters.
 *
 * What has to go is taken out with its name: the rest moves up, its numbers change, and a `free` box takes the room
 * that is left.
 *
 * @param names.entries what {@link readKeys} has read of the keys
 */
export function cleanKeyValues(
  tree: Tree,
  { keys, entries }: { keys: PlacedBox | undefined; entries: Entry[] | undefined },
  list: PlacedBox,
): void {
  const { bytes, findings } = tree
  if (entries === undefined) {
    findings.unsure('Its metadata are damaged.')
    return
  }
  const items = [...boxesIn(bytes, list, 'lenient')]
  if (!findings.spend('items', items.length + entries.length)) throw new Damaged('has too many parts')
  const kept: { item: PlacedBox; bytes: Buffer }[] = []
  const numbers = new Map<number, number>()
  const isGone = (kind: keyof Found | undefined) => {
    if (kind) findings.found(kind)
    return kind !== undefined && findings.removes(kind)
  }
  const byKey = Map.groupBy(items, (item) => bytes.readUInt32BE(item.at + 4))
  const left = entries.filter((entry, index) => {
    const kind = kindOfName(entry.name)
    const own = byKey.get(index + 1) ?? []
    const kinds = own.flatMap((item) => [kind, kindOfValue(tree, entry.name, item)])
    // A key without a value tells nothing: it goes, too, but nothing was found.
    if (kinds.map(isGone).includes(true) || (own.length === 0 && kind && findings.removes(kind))) return false
    numbers.set(index + 1, numbers.size + 1)
    return true
  })
  for (const item of items) {
    const number = bytes.readUInt32BE(item.at + 4)
    if (item.type === 'free') continue
    if (keys && number <= entries.length) {
      const now = numbers.get(number)
      if (now !== undefined) kept.push({ item, bytes: renumbered(bytes.subarray(item.at, item.end), now) })
      continue
    }
    const kind = kindOfName(nameOf(tree, item)) ?? itunes[item.type] ?? kindOfValue(tree, item.type, item)
    if (!isGone(kind)) kept.push({ item, bytes: bytes.subarray(item.at, item.end) })
  }
  if (keys && left.length < entries.length) {
    const head = Buffer.from(bytes.subarray(keys.start, keys.start + 8))
    head.writeUInt32BE(left.length, 4)
    rewrite(tree, keys, [head, ...left.map((entry) => entry.bytes)])
  }
  const isMoved = kept.length < items.filter(({ type }) => type !== 'free').length
  const moved = isMoved
    ? rewrite(
        tree,
        list,
        kept.map(({ bytes }) => bytes),
      )
    : undefined
  let to = 8
  for (const { item, bytes: content } of kept) {
    for (const picture of picturesIn(bytes, item)) {
      const into = moved && { bytes: moved, offset: to + picture.offset - item.at }
      findings.embed({ ...picture, ...(into && { into }) })
    }
    to += content.length
  }
}

/**
 * The same box with other content, and a box of padding behind it.
 *
 * @returns what is written
 */
function rewrite({ bytes, findings }: Tree, box: PlacedBox, content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length, 0)
  bytes.copy(header, 4, box.at + 4, box.at + 8)
  const room = box.end - box.at - 8 - body.length
  if (room < 8) header.writeUInt32BE(box.end - box.at, 0)
  const rest = room < 8 ? Buffer.alloc(room) : padding(room)
  const written = Buffer.concat([header, body, rest])
  findings.edit(box.at, written)
  return written
}

function renumbered(item: Buffer, number: number): Buffer {
  const copy = Buffer.from(item)
  copy.writeUInt32BE(number, 4)
  return copy
}

/** Nothing where they don't fit into their box. */
export function readKeys(bytes: Buffer, { start, end }: PlacedBox): Entry[] | undefined {
  if (end - start < 8) return undefined
  const entries: Entry[] = []
  let at = start + 8
  for (let left = bytes.readUInt32BE(start + 4); left > 0; left--) {
    const size = at + 8 <= end ? bytes.readUInt32BE(at) : 0
    if (size < 8 || at + size > end) return undefined
    entries.push({ bytes: bytes.subarray(at, at + size), name: bytes.toString('utf8', at + 8, at + size) })
    at += size
  }
  return entries
}

/** `data` has its type and its language before its value; 1 is text in UTF-8. */
function kindOfValue({ bytes, findings }: Tree, name: string, item: PlacedBox): keyof Found | undefined {
  const parts = [...boxesIn(bytes, item, 'lenient')]
  // Readers that trust a part that reaches past its item would read on in whatever has moved up.
  let kind: keyof Found | undefined = parts.at(-1)?.end === item.end ? undefined : 'other'
  for (const data of parts) {
    if (data.type !== 'data' || data.end - data.start < 8) continue
    const type = bytes.readUInt32BE(data.start)
    const [start, length] = [data.start + 8, data.end - data.start - 8]
    if (pictureIn(bytes, data)) continue
    if (type === 1) {
      const text = bytes.toString('utf8', start, data.end)
      const position = readIso6709(text)
      if (position) findings.position(position)
      kind ??= kindOfText(text)
    } else if (type === 0 && length > 64 && !/^(com\.(apple|android)\.|trkn|disk|gnre)/.test(name)) {
      kind ??= 'other'
    }
  }
  return kind
}

function picturesIn(bytes: Buffer, item: PlacedBox): Embedded[] {
  return [...boxesIn(bytes, item, 'lenient')].flatMap((data) => pictureIn(bytes, data) ?? [])
}

/** By its first bytes: many programs name no type, or a wrong one. 13 and 14 are JPEG and PNG. */
function pictureIn(bytes: Buffer, { type: box, start, end }: PlacedBox): Embedded | undefined {
  if (box !== 'data' || end - start < 8) return undefined
  const told = bytes.readUInt32BE(start)
  const type = pictureType(bytes.subarray(start + 8, end)) ?? { 13: 'image/jpeg', 14: 'image/png' }[told]
  return type === undefined ? undefined : { type, offset: start + 8, length: end - start - 8 }
}

/** Of a free form item (`----`): its domain and its name. */
function nameOf({ bytes }: Tree, item: PlacedBox): string {
  if (item.type !== '----') return ''
  let name = ''
  for (const part of boxesIn(bytes, item, 'lenient')) {
    if (part.type === 'mean' || part.type === 'name')
      name += `:${bytes.toString('utf8', Math.min(part.start + 4, part.end), Math.min(part.end, part.start + 200))}`
  }
  return name
}

const itunes: Record<string, keyof Found> = {
  '\xa9xyz': 'location',
  loci: 'location',
  // The account by which it was bought, and its name.
  apID: 'identifiers',
  ownr: 'identifiers',
}
