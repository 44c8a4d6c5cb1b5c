import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { S3Error } from './errors.ts'

export type XmlValue = string | number | boolean | undefined | XmlNode | XmlValue[]
export interface XmlNode {
  [name: string]: XmlValue
}

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A document with one root. Arrays repeat their element, undefined leaves it out. */
export function toXml(root: string, node: XmlNode): string {
  const xmlns = root === 'Error' ? '' : ` xmlns="${namespace}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${xmlns}>${children(node)}</${root}>`
}

function children(node: XmlNode): string {
  return Object.entries(node)
    .map(([name, value]) => element(name, value))
    .join('')
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('')
  const content = typeof value === 'object' ? children(value) : escapeXml(String(value))
  return `<${name}>${content}</${name}>`
}

function escapeXml(text: string): string {
  // XML 1.0 has no way to write most control characters: keys that hold them are listed with encoding-type=url.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not go into XML
  return text.replace(/[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (c) => {
    if (c === '&') return '&amp;'
    if (c === '<') return '&lt;'
    if (c === '>') return '&gt;'
    if (c === '"') return '&quot;'
    return `&#x${c.charCodeAt(0).toString(16)};`
  })
}

const lists = new Set([
  'Object',
  'CORSRule',
  'AllowedOrigin',
  'AllowedMethod',
  'AllowedHeader',
  'ExposeHeader',
])

const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  trimValues: false,
  processEntities: true,
  isArray: (name) => lists.has(name),
})

/** @throws {S3Error} `MalformedXML` */
export function fromXml(body: Buffer, root: string): Record<string, unknown> {
  const text = body.toString('utf8')
  if (XMLValidator.validate(text) === true) {
    const value = (parser.parse(text) as Record<string, unknown>)[root]
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  }
  throw new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )
}
