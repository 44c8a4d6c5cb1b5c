import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { S3Error } from '../errors.ts'
import type { Element } from './build.ts'

/** An element by the names of its children. Each name leads to a list, in document order. */
export interface XmlElement {
  [name: string]: (XmlElement | string)[]
}

/**
 * The content of the root element, which has to be called `root`.
 *
 * @throws S3Error MalformedXML, also for a document type declaration (entities could grow without bound)
 */
export function parseXml(text: string, root: string): XmlElement {
  if (/<!(DOCTYPE|ENTITY)/i.test(text) || XMLValidator.validate(text) !== true)
    throw new S3Error('MalformedXML')
  const [content] = (parser.parse(text) as XmlElement)[root] ?? []
  if (content === undefined) throw new S3Error('MalformedXML')
  return typeof content === 'string' ? {} : content
}

/** The children of this name that have children of their own. */
export function children(element: XmlElement, name: string): XmlElement[] {
  return (element[name] ?? []).map((child) => (typeof child === 'string' ? {} : child))
}

/** The text of each child of this name. */
export function texts(element: XmlElement, name: string): string[] {
  return (element[name] ?? []).map((child) => {
    if (typeof child !== 'string') throw new S3Error('MalformedXML')
    return unescapeText(child)
  })
}

/** The text of the only child of this name. */
export function text(element: XmlElement, name: string): string | undefined {
  const [first, second] = texts(element, name)
  if (second !== undefined) throw new S3Error('MalformedXML')
  return first
}

/** To write an element again. */
export function elements(element: XmlElement): Element[] {
  return Object.entries(element).flatMap(([name, contents]) =>
    name === '#text'
      ? []
      : contents.map(
          (content): Element => [
            name,
            typeof content === 'string' ? unescapeText(content) : elements(content),
          ],
        ),
  )
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  isArray: () => true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  trimValues: false,
})

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescapeText(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    if (point > 0x10ffff) throw new S3Error('MalformedXML')
    return String.fromCodePoint(point)
  })
}
