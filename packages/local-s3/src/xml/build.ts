/** An element: its name, its text or its children, its attributes as they are written. Undefined leaves it out. */
export type Element = readonly [name: string, content: Content, attributes?: string]
export type Content = string | number | boolean | undefined | readonly Element[]

/**
 * An XML document in the namespace of S3.
 *
 *     document(['Tag', [['Key', 'a<b']]]) // <?xml ...?>\n<Tag xmlns="..."><Key>a&lt;b</Key></Tag>
 */
export function document([name, content]: Element): string {
  return `${declaration}<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${render(content)}</${name}>`
}

/** Errors have no namespace. */
export function errorDocument(content: Content): string {
  return `${declaration}<Error>${render(content)}</Error>`
}

/** With quotes, as ETags are written everywhere. */
export function quoted(etag: string): string {
  return `"${etag}"`
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

function render(content: Content): string {
  if (content === undefined) return ''
  if (typeof content !== 'object') return escapeText(String(content))
  let xml = ''
  for (const [name, inner, attributes] of content) {
    if (inner === undefined) continue
    xml += `<${attributes === undefined ? name : `${name} ${attributes}`}>${render(inner)}</${name}>`
  }
  return xml
}

/** Control characters become references, which XML 1.0 parsers may refuse: that is what `encoding-type=url` is for. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (character) => {
    switch (character) {
      case '&':
        return '&amp;'
      case '<':
        return '&lt;'
      case '>':
        return '&gt;'
      case '"':
        return '&quot;'
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`
    }
  })
}
