import { SaxesParser } from 'saxes'
import { S3Error } from '../errors.ts'
import type { Element } from './build.ts'

/** An element by the names of its children. Each name leads to a list, in document order. */
export interface XmlElement {
  [name: string]: (XmlElement | string)[]
}

/** The deepest document of S3 has six levels. */
const maxDepth = 16
/** The longest has 10,000 parts with a number, an ETag and up to seven checksums each. */
const maxElements = 100_000

/** Takes a document piece by piece, so that a long one does not keep the event loop from others. */
export interface XmlReader {
  /** @throws S3Error MalformedXML */
  push(text: string): void
  /** The content of the root element. @throws S3Error MalformedXML, also when the root has another name */
  finish(): XmlElement
}

/**
 * Reads XML 1.0 strictly: what a key is called must not depend on how a parser guesses. CDATA is text, a character
 * reference outside of XML's range is an error, and so is a document type (entities could grow without bound).
 *
 * @param root name of the root element. Namespace prefixes are ignored, as S3 does.
 */
export function createXmlReader(root: string): XmlReader {
  const parser = new SaxesParser({ defaultXMLVersion: '1.0', forceXMLVersion: true })
  const open: OpenElement[] = [{ name: '', text: '' }]
  let elements = 0

  parser.on('error', fail)
  parser.on('doctype', fail)
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) fail()
  })
  parser.on('opentag', ({ name }) => {
    if (open.length > maxDepth || ++elements > maxElements) fail()
    open.push({ name: name.slice(name.indexOf(':') + 1), text: '' })
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const { name, text, children } = open.pop() as OpenElement
    const parent = open.at(-1) as OpenElement
    // Without a prototype, so that no element is called as something that objects have anyway.
    parent.children ??= Object.create(null) as XmlElement
    const list = parent.children[name]
    if (list) list.push(children ?? text)
    else parent.children[name] = [children ?? text]
  })

  function addText(text: string): void {
    const element = open.at(-1) as OpenElement
    element.text += text
  }

  return {
    push: (text) => void parser.write(text),
    finish() {
      parser.close()
      const [content] = open[0]?.children?.[root] ?? []
      if (content === undefined) fail()
      return typeof content === 'string' ? {} : content
    },
  }
}

interface OpenElement {
  name: string
  text: string
  children?: XmlElement
}

function fail(cause?: unknown): never {
  throw new S3Error('MalformedXML', undefined, { cause })
}

/** A document that is short. @throws S3Error MalformedXML */
export function parseXml(text: string, root: string): XmlElement {
  const reader = createXmlReader(root)
  reader.push(text)
  return reader.finish()
}

/** The children of this name that have children of their own. */
export function children(element: XmlElement, name: string): XmlElement[] {
  return (element[name] ?? []).map((child) => (typeof child === 'string' ? {} : child))
}

/** The text of each child of this name. @throws S3Error MalformedXML when one has children */
export function texts(element: XmlElement, name: string): string[] {
  return (element[name] ?? []).map((child) => {
    if (typeof child !== 'string') throw new S3Error('MalformedXML')
    return child
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
    contents.map((content): Element => [name, typeof content === 'string' ? content : elements(content)]),
  )
}
