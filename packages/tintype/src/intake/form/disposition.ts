import { byName, type Parameter, parseParameters } from './parameters.ts'

/**
 * The parameters of a Content-Disposition: that of a form's part (RFC 7578 section 4.2), or of a file that is sent as the
 * body of a request (RFC 6266). Another kind has none.
 *
 * Browsers (and curl, OkHttp, Python's urllib3) leave backslashes alone and write a quote as `%22`; Go, Apache's
 * HttpClient and `curl --form-escape` put a backslash before quotes and backslashes. Nothing tells which of them has
 * sent a header, but only one way of reading fits one with a quote in a name. Where both fit, browsers are right.
 *
 * @param malformed makes the error of a header that can't be read
 */
export function parseDisposition(
  disposition: string,
  kinds: RegExp,
  malformed: (detail: string) => Error,
): Map<string, Parameter> {
  const kind = kinds.exec(disposition)?.[0]
  if (kind === undefined) return new Map()
  const text = disposition.slice(kind.length)
  const parameters = parseParameters(text, 'verbatim')?.map(decodePercent) ?? parseParameters(text, 'escaped')
  if (!parameters) throw malformed('is malformed')
  const map = byName(parameters)
  if (!map) throw malformed('names a parameter twice')
  return map
}

/** Of a part of a form. */
export const formData = /^[ \t]*form-data(?=[ \t]*(;|$))/i
/** Of a body. */
export const ofBody = /^[ \t]*(attachment|inline)(?=[ \t]*(;|$))/i

/** The three characters that browsers encode, and no other: `%` itself they leave as it is. */
function decodePercent(parameter: Parameter): Parameter {
  if (!parameter.isQuoted || !parameter.value.includes('%')) return parameter
  return {
    ...parameter,
    value: parameter.value.replace(/%(22|0D|0A)/gi, (escaped) => decodeURIComponent(escaped)),
  }
}

/** A `name*` (RFC 8187) goes before. @returns empty where there is one that can't be read */
export function nameIn(parameters: Map<string, Parameter>, name: string): string | undefined {
  const extended = parameters.get(`${name}*`)
  const unreadable = extended && ''
  return decodeExtended(extended?.value) ?? parameters.get(name)?.value ?? unreadable
}

/** @example decodeExtended("UTF-8''%E2%82%AC.jpg") // '€.jpg' */
function decodeExtended(value: string | undefined): string | undefined {
  const [, charset, encoded] = /^(utf-8|iso-8859-1)'[^']*'(\p{ASCII}*)$/iu.exec(value ?? '') ?? []
  if (charset === undefined || encoded === undefined) return undefined
  const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number(`0x${hex}`)),
  )
  return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'))
}
