/** One parameter behind a header's value. */
export interface Parameter {
  /** In lower case. */
  name: string
  value: string
  isQuoted: boolean
}

/**
 * How a quote and a backslash stand in a quoted value: `escaped` by a backslash (RFC 9110 section 5.6.4), or
 * `verbatim`, which ends at the next quote: browsers leave backslashes alone and write a quote as `%22`.
 */
export type Quoting = 'escaped' | 'verbatim'

/**
 * Reads `; name=value; other="quoted value"` (RFC 9110 section 5.6.6) to the end of the text. Blanks around `=` and
 * in values without quotes are taken, since some senders write them.
 *
 * @returns in their order, doubled ones included; undefined when the text is something else
 * @example parseParameters('; charset=utf-8; boundary="a b"', 'escaped')?.[1]?.value // 'a b'
 */
export function parseParameters(text: string, quoting: Quoting): Parameter[] | undefined {
  const found: Parameter[] = []
  const pattern = patterns[quoting]
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) return undefined
    const [, name, quoted, plain = ''] = match
    if (name === undefined) continue
    const value = quoting === 'escaped' ? quoted?.replace(/\\(["\\])/g, '$1') : quoted
    found.push({ name: name.toLowerCase(), value: value ?? plain.trim(), isQuoted: quoted !== undefined })
  }
  return found
}

/** What may be there once, by name. @returns undefined when a name comes twice */
export function byName(parameters: Parameter[]): Map<string, Parameter> | undefined {
  const map = new Map(parameters.map((one) => [one.name, one]))
  return map.size === parameters.length ? map : undefined
}

// A semicolon and perhaps a parameter. Adjacent parts never match the same characters, so that it takes linear time.
const token = /([\w!#$%&'*+.^`|~-]+)/.source
const patterns = {
  escaped: parameterWith(/"((?:[^"\\]|\\.)*)"/.source),
  verbatim: parameterWith(/"([^"]*)"/.source),
}

function parameterWith(quoted: string): RegExp {
  return new RegExp(`[ \\t]*;[ \\t]*(?:${token}[ \\t]*=(?:[ \\t]*${quoted}[ \\t]*|([^";]*)))?(?=;|$)`, 'sy')
}
