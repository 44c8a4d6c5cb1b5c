import { Damaged } from '../../metadata/damaged.ts'
import { withoutEntities, type XmlToken, xmlTokens } from '../../metadata/xml.ts'
import type { Found } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { saysWhere } from '../says-where.ts'
import { createXmpPosition } from './position.ts'
import { fateOfName, holdsData, isText, type XmpName } from './properties.ts'

/**
 * Cleans an XMP packet (ISO 16684-1) in place: attributes and elements that say what is to go become spaces, so that
 * the XML stays well-formed and of the same length. A packet that isn't well-formed becomes spaces as a whole.
 *
 * @param packet in UTF-8 or UTF-16, with its wrapper or without
 */
export function cleanXmp(packet: Buffer, findings: Pick<Findings, 'overwrite' | 'position' | 'spend'>): void {
  const isTooMuch = !findings.spend('xmp', packet.length)
  const { text, unit, decode } = isTooMuch ? unread : toText(packet)
  const position = createXmpPosition()
  let removals: Removal[]
  try {
    removals = text === undefined ? everything(packet.length) : removalsInPacket(text, decode, position.note)
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    removals = everything(packet.length / unit)
  }
  const where = position.get()
  if (where) findings.position(where)
  const space = unit === 1 ? ' ' : packet[0] === 0 || packet[0] === 0xfe ? '\0 ' : ' \0'
  for (const { kind, start, end } of removals) {
    if (isBlank(packet, start * unit, end * unit)) continue
    findings.overwrite(kind, start * unit, spaces((end - start) * unit, space))
  }
}

const unread = { text: undefined, unit: 1 as const, decode: String }

/** The spaces of all small removals are the same ones. */
const someSpaces = Buffer.alloc(64 * 1024, ' ')

function spaces(length: number, space: string): Buffer {
  const isShared = space === ' ' && length <= someSpaces.length
  return isShared ? someSpaces.subarray(0, length) : Buffer.alloc(length, space)
}

interface Removal {
  kind: keyof Found
  start: number
  end: number
}

function everything(length: number): Removal[] {
  return [{ kind: 'other', start: 0, end: length }]
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  while (at < end && (bytes[at] === 0 || bytes[at] === 0x20)) at++
  return at >= end
}

/** One character for each unit of the encoding, so that places in the text are places in the bytes. */
function toText(packet: Buffer): { text?: string; unit: 1 | 2; decode: (text: string) => string } {
  const [a, b, c, d] = packet
  const isUtf32 = (a === 0 && b === 0) || (c === 0 && d === 0)
  if (isUtf32) return { unit: 1, decode: String }
  const isBig = (a === 0xfe && b === 0xff) || a === 0
  const isLittle = (a === 0xff && b === 0xfe) || b === 0
  const even = packet.subarray(0, packet.length & ~1)
  if (isLittle) return { text: even.toString('utf16le'), unit: 2, decode: String }
  if (isBig) return { text: Buffer.from(even).swap16().toString('utf16le'), unit: 2, decode: String }
  return {
    text: packet.toString('latin1'),
    unit: 1,
    decode: (text) => (ascii.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8')),
  }
}

const ascii = /^\p{ASCII}*$/u

interface Element {
  name: string
  property: XmpName
  prefixes: Map<string, string>
  /** Where it begins, when it goes with all that is in it. */
  removed?: Removal
}

/** More than any packet has inside of each other. */
const maxDepth = 100

/**
 * Up to the end of the wrapper. Programs that write a shorter packet over a longer one leave the rest of that behind it.
 *
 * @throws {Damaged}
 */
function removalsInPacket(text: string, ...rest: [decode: (text: string) => string, note: Note]): Removal[] {
  const trailer = text.indexOf('<?xpacket end')
  const close = trailer === -1 ? -1 : text.indexOf('?>', trailer)
  const end = close === -1 ? text.length : close + 2
  if (!/[^\s\0]/.test(text.slice(end))) return removalsIn(text, ...rest)
  const leftover: Removal = { kind: 'other', start: end, end: text.length }
  return [...removalsIn(text.slice(0, end), ...rest), leftover]
}

type Note = (name: XmpName, value: string) => void

/** @throws {Damaged} */
function removalsIn(text: string, decode: (text: string) => string, note: Note): Removal[] {
  const removals: Removal[] = []
  const path: Element[] = []
  const meaning = (raw: string) => decode(withoutEntities(raw))
  let removed: Element | undefined

  function opened(token: XmlToken & { kind: 'open' }): void {
    if (path.length === maxDepth) throw new Damaged('is nested too deeply')
    const prefixes = declared(token, path.at(-1)?.prefixes)
    const property = resolve(token.name, prefixes)
    const element: Element = { name: token.name, property, prefixes }
    const fate = removed ? 'keep' : fateOfName(property)
    if (fate !== 'keep') element.removed = { kind: fate, start: token.start, end: token.end }
    for (const { name, value, start, end } of token.attributes) {
      if (name === 'xmlns' || name.startsWith('xmlns:')) continue
      const attribute = name.includes(':') ? resolve(name, prefixes) : { uri: rdf, local: name }
      const said = meaning(value)
      note(attribute, said)
      if (removed || element.removed) continue
      const kind = said.trim() === '' ? 'keep' : fateOfValue(attribute, said)
      if (kind !== 'keep') removals.push({ kind, start, end })
    }
    if (token.isEmpty) {
      if (element.removed) removals.push(element.removed)
      return
    }
    path.push(element)
    if (element.removed) removed = element
  }

  for (const token of xmlTokens(text)) {
    const { start, end } = token
    const inside = path.at(-1)
    if (token.kind === 'open') {
      opened(token)
    } else if (token.kind === 'close') {
      if (inside?.name !== token.name) throw new Damaged('has tags that do not match')
      path.pop()
      if (inside.removed) removals.push({ ...inside.removed, end })
      if (removed === inside) removed = undefined
    } else if (token.kind === 'text') {
      const raw = token.isCdata ? text.slice(start + 9, end - 3) : text.slice(start, end)
      if (/^[\s\0\ufeff]*$|^\xef\xbb\xbf$/.test(raw)) continue
      if (!inside) throw new Damaged('has text outside of its elements')
      const property = path.findLast(({ property }) => property.uri !== rdf)?.property ?? inside.property
      const said = token.isCdata ? decode(raw) : meaning(raw)
      note(property, said)
      const kind = removed ? 'keep' : fateOfValue(property, said)
      if (kind !== 'keep') removals.push({ kind, start, end })
    } else if (
      !removed &&
      !(token.kind === 'instruction' && /^<\?(xpacket|xml)\b/.test(text.slice(start, start + 10)))
    ) {
      removals.push({ kind: 'other', start, end })
    }
  }
  if (path.length > 0) throw new Damaged('is cut off')
  return removals
}

/** More than any packet has, each in scope at once. */
const maxNamespaces = 200

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'

function declared(
  { attributes }: XmlToken & { kind: 'open' },
  outer = new Map<string, string>(),
): Map<string, string> {
  const own = attributes.filter(({ name }) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (own.length === 0) return outer
  if (outer.size + own.length > maxNamespaces) throw new Damaged('has too many namespaces')
  return new Map([
    ...outer,
    ...own.map(({ name, value }) => [name.slice(6), withoutEntities(value)] as const),
  ])
}

function resolve(name: string, prefixes: Map<string, string>): XmpName {
  const colon = name.indexOf(':')
  const prefix = name.slice(0, Math.max(0, colon))
  const uri = prefix === 'xml' ? 'http://www.w3.org/XML/1998/namespace' : prefixes.get(prefix)
  return { uri: uri ?? '', local: name.slice(colon + 1) }
}

/** What a property says by its name, or by its value where people write what they want. */
function fateOfValue(property: XmpName, value: string): ReturnType<typeof fateOfName> {
  const fate = fateOfName(property)
  if (fate !== 'keep') return fate
  if (value.length >= longValue && !/\s/.test(value.slice(0, longValue))) {
    return holdsData(property) && !isPictureWithMetadata(value) ? 'keep' : 'other'
  }
  return isText(property) && saysWhere(value) ? 'location' : 'keep'
}

/** Longer values without spaces are encoded data. */
const longValue = 1024

/** Base64 of a picture that has Exif or XMP of its own. */
function isPictureWithMetadata(value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  return ['Exif\0\0', 'eXIf', 'EXIF', 'ns.adobe.com/xap'].some((one) => bytes.includes(one, 0, 'latin1'))
}
