import { Damaged } from './damaged.ts'

/** A piece of an XML document, by its place in the text. */
export type XmlToken =
  | { kind: 'open'; start: number; end: number; name: string; attributes: XmlAttribute[]; isEmpty: boolean }
  | { kind: 'close'; start: number; end: number; name: string }
  /** Between tags, or in a CDATA section. */
  | { kind: 'text'; start: number; end: number; isCdata: boolean }
  | { kind: 'comment' | 'instruction'; start: number; end: number }

export interface XmlAttribute {
  name: string
  /** As it is written, with its entities. */
  value: string
  start: number
  end: number
}

/**
 * The tokens of an XML document, in order, together the whole text: for programs that have to know where things are.
 * Linear, and without entities of a document's own: a document type is refused. Does not check that tags match.
 *
 * @throws {Damaged} where the text is not well-formed
 */
export function* xmlTokens(text: string): Generator<XmlToken> {
  let at = 0
  while (at < text.length) {
    if (text[at] !== '<') {
      const next = text.indexOf('<', at)
      const end = next === -1 ? text.length : next
      yield { kind: 'text', start: at, end, isCdata: false }
      at = end
      continue
    }
    const token =
      text[at + 1] === '!' || text[at + 1] === '?' || text[at + 1] === '/'
        ? special(text, at)
        : open(text, at)
    yield token
    at = token.end
  }
}

function special(text: string, start: number): XmlToken {
  if (text.startsWith('</', start)) {
    const end = behind(text, '>', start)
    const name = text.slice(start + 2, end - 1).trim()
    return { kind: 'close', start, end, name }
  }
  if (text.startsWith('<!--', start)) return { kind: 'comment', start, end: behind(text, '-->', start + 4) }
  if (text.startsWith('<![CDATA[', start)) {
    return { kind: 'text', start, end: behind(text, ']]>', start + 9), isCdata: true }
  }
  if (text.startsWith('<?', start)) return { kind: 'instruction', start, end: behind(text, '?>', start + 2) }
  throw new Damaged('has a document type')
}

function open(text: string, start: number): XmlToken {
  const name = match(tagName, text, start + 1)?.[0]
  if (name === undefined) throw new Damaged('has a damaged tag')
  const attributes: XmlAttribute[] = []
  let at = start + 1 + name.length
  for (;;) {
    const found = match(attribute, text, at)
    if (!found) break
    const [whole, space = '', key = '', quoted = ''] = found
    attributes.push({
      name: key,
      value: quoted.slice(1, -1),
      start: at + space.length,
      end: at + whole.length,
    })
    at += whole.length
  }
  const close = match(tagEnd, text, at)?.[0]
  if (close === undefined) throw new Damaged('has a damaged tag')
  return { kind: 'open', start, end: at + close.length, name, attributes, isEmpty: close.includes('/') }
}

const tagName = /[^\s<>/=!?"'&]+/y
const attribute = /(\s+)([^\s<>/=!?"'&]+)\s*=\s*("[^"<]*"|'[^'<]*')/y
const tagEnd = /\s*\/?>/y

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function behind(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  if (at === -1) throw new Damaged('is cut off')
  return at + what.length
}

/** The text that an attribute's value or a text between tags stands for. */
export function withoutEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (name) return entities[name.toLowerCase()] ?? whole
      const point = hex ? Number.parseInt(hex, 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
