import { TintypeError } from '../errors.ts'

/** What the headers of a form's part say. */
export interface PartHeaders {
  /** Of the form's field. */
  name: string
  /** What the sender calls the file. Text fields have none, and some senders' files neither. */
  filename: string | undefined
  /** That the sender claims a text field to be in. */
  charset: string | undefined
}

/**
 * Reads the headers of one part of a form (RFC 7578 section 4.2). Names are UTF-8, as browsers send them, with `\"`
 * and `\\` for what they would otherwise end; a `filename*` (RFC 8187), which some programs send, goes before.
 *
 * @param text from the end of the boundary to the blank line, without it
 * @throws {TintypeError} `malformed_multipart`
 * @example parsePartHeaders('\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"').filename // 'a.jpg'
 */
export function parsePartHeaders(text: string): PartHeaders {
  const [padding = '', ...lines] = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  if (padding.trim() !== '') throw malformed('Something stands between a boundary and the end of its line.')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw malformed('A part of the form has a malformed header.')
    if (headers.has(name.toLowerCase())) throw malformed(`A part of the form has two headers ${name}.`)
    headers.set(name.toLowerCase(), value)
  }
  const disposition = parseParameters(headers.get('content-disposition') ?? '')
  const name = disposition.get('name')
  if (!name) throw malformed('A part of the form has no name.')
  return {
    name,
    filename: decodeExtended(disposition.get('filename*')) ?? disposition.get('filename'),
    charset: /;\s*charset="?([^\s;"]+)/i.exec(headers.get('content-type') ?? '')?.[1],
  }
}

const headerLine = /^([\w!#$%&'*+.^`|~-]+):(.*)$/s
const parameter = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))\s*/sy

/** Of a `form-data` disposition, names in lower case. */
function parseParameters(disposition: string): Map<string, string> {
  const parameters = new Map<string, string>()
  const kind = /^\s*form-data\s*/i.exec(disposition)?.[0]
  if (kind === undefined) return parameters
  parameter.lastIndex = kind.length
  for (let at = kind.length; at < disposition.length; at = parameter.lastIndex) {
    const [, name, quoted, plain] = parameter.exec(disposition) ?? []
    if (name === undefined) throw malformed('The Content-Disposition of a part is malformed.')
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? plain?.trim() ?? '')
  }
  return parameters
}

/** @example decodeExtended("UTF-8''%E2%82%AC.jpg") // '€.jpg' */
function decodeExtended(value: string | undefined): string | undefined {
  const [, charset, encoded] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/is.exec(value ?? '') ?? []
  if (charset === undefined || encoded === undefined) return undefined
  const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number(`0x${hex}`)),
  )
  return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'))
}

function malformed(detail: string): TintypeError {
  return new TintypeError('malformed_multipart', detail)
}
