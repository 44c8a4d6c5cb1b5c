import { SaxesParser } from 'saxes'

/** What is wanted of a document of S3's: elements below the root, and those of a repeated element. */
export interface Shape<Field extends string, ItemField extends string> {
  root: string
  /** Elements right below the root that hold text. */
  fields: readonly Field[]
  /** An element right below the root that comes any number of times, and what is wanted of each. */
  item?: { name: string; fields: readonly ItemField[] }
}

export interface Document<Field extends string, ItemField extends string> {
  fields: Record<Field, string | undefined>
  items: Record<ItemField, string | undefined>[]
}

/** A document that is not what S3 would have written. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
}

/** The deepest document of S3's has five levels. */
const maxDepth = 16
/** S3 lists a thousand of anything on a page. */
const maxItems = 10_000

/**
 * Reads an answer of S3's in one pass, strictly: it has to be XML 1.0 to the end, without a document type, with the root
 * that is expected, and no wanted element twice where one belongs. What is wrong is an error, never half a list.
 *
 * @throws {UnreadableAnswer}
 * @example readXml(text, { root: 'Error', fields: ['Code', 'Message'] }).fields.Code
 */
export function readXml<Field extends string, ItemField extends string = never>(
  text: string,
  { root, fields, item }: Shape<Field, ItemField>,
): Document<Field, ItemField> {
  const ofRoot = new Set<string>(fields)
  const ofItem = new Set<string>(item?.fields)
  const found = blank<Field>()
  const items: Record<ItemField, string | undefined>[] = []
  const parser = new SaxesParser({ defaultXMLVersion: '1.0', forceXMLVersion: true })
  let depth = 0
  let current: Record<string, string | undefined> | undefined
  /** The text of the wanted element that is open. */
  let value: string | undefined
  let valueDepth = 0

  parser.on('error', ({ message }) => fail(`S3 answered with what is no XML: ${message}`))
  parser.on('doctype', () => fail('S3 answered with a document type.'))
  parser.on('opentag', ({ name: qualified }) => {
    const name = withoutPrefix(qualified)
    depth++
    if (depth === 1 && name !== root) fail(`S3 answered with <${name.slice(0, 100)}>, not with <${root}>.`)
    if (depth > maxDepth) fail('S3 answered with a document that is too deep.')
    if (value !== undefined) fail('S3 answered with elements where text belongs.')
    if (depth === 2 && name === item?.name) {
      current = blank<ItemField>()
      if (items.length === maxItems) fail(`S3 answered with more than ${maxItems} of <${name}>.`)
      items.push(current as Record<ItemField, string | undefined>)
    } else if (depth === 2 ? ofRoot.has(name) : depth === 3 && current !== undefined && ofItem.has(name)) {
      value = ''
      valueDepth = depth
    }
  })
  const addText = (more: string) => {
    if (value !== undefined) value += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', ({ name: qualified }) => {
    if (value !== undefined && depth === valueDepth) {
      const name = withoutPrefix(qualified)
      const target: Record<string, string | undefined> = current ?? found
      if (target[name] !== undefined) fail(`S3 answered with more than one ${name} where one belongs.`)
      target[name] = value
      value = undefined
    }
    if (depth === 2) current = undefined
    depth--
  })
  // S3 keeps a long request alive with white space before the document.
  parser.write(text.trimStart()).close()
  return { fields: found, items }
}

/** Without a prototype: no element may be called as something that objects have anyway. */
function blank<Name extends string>(): Record<Name, string | undefined> {
  return Object.create(null)
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function fail(message: string): never {
  throw new UnreadableAnswer(message)
}
