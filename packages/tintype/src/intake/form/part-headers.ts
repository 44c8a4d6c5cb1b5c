import { TintypeError } from '../../errors.ts'
import { byName, type Parameter, parseParameters } from './parameters.ts'

/** What the headers of a form's part say. */
export interface PartHeaders {
  /** Of the form's field. */
  name: string
  /** What the sender calls the file. Text fields have none, and some senders' files neither. */
  filename: string | undefined
  /** Media type that the sender claims, in lower case; empty where it claims none. */
  contentType: string
  /** That the sender claims a text field to be in. */
  charset: string | undefined
}

/**
 * Reads the headers of one part of a form (RFC 7578 section 4.2). Names are UTF-8, as browsers send them; a
 * `filename*` (RFC 8187), which .NET and older Python send, goes before. Headers that a form has no use for are
 * ignored (section 4.8); two of one that it uses are refused, because it is unclear which one counts.
 *
 * @param text from the end of the boundary to the blank line, without it
 * @throws {TintypeError} `malformed_multipart`; `unsupported_body` for a part in base64 or quoted-printable
 * @example parsePartHeaders('\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"').filename // 'a.jpg'
 */
export function parsePartHeaders(text: string): PartHeaders {
  if (forbidden.test(text)) throw malformed('A part of the form has a line break or NUL inside a header.')
  const [padding = '', ...lines] = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  if (/[^ \t]/.test(padding)) throw malformed('Something stands between a boundary and the end of its line.')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw malformed('A part of the form has a malformed header.')
    if (!used.test(name)) continue
    if (headers.has(name.toLowerCase())) throw malformed(`A part of the form has two headers ${name}.`)
    headers.set(name.toLowerCase(), value)
  }
  refuseEncoded(headers.get('content-transfer-encoding'))
  const disposition = parseDisposition(headers.get('content-disposition') ?? '')
  const name = nameIn(disposition, 'name')
  if (!name) throw malformed('A part of the form has no name.')
  return { name, filename: nameIn(disposition, 'filename'), ...claimsOf(headers.get('content-type')) }
}

/** Carriage returns and line feeds that are not a line break together, and NUL. */
const forbidden = /\r(?!\n)|(?<!\r)\n|\0/
const headerLine = /^([\w!#$%&'*+.^`|~-]+):(.*)$/s
const used = /^content-(disposition|type|transfer-encoding)$/i

/**
 * Browsers (and curl, OkHttp, Python's urllib3) leave backslashes alone and write a quote as `%22`; Go, Apache's
 * HttpClient and `curl --form-escape` put a backslash before quotes and backslashes. Nothing tells which of them has
 * sent a header, but only one way of reading fits one with a quote in a name. Where both fit, browsers are right.
 */
function parseDisposition(disposition: string): Map<string, Parameter> {
  const kind = /^[ \t]*form-data(?=[ \t]*(;|$))/i.exec(disposition)?.[0]
  if (kind === undefined) return new Map()
  const text = disposition.slice(kind.length)
  const parameters = parseParameters(text, 'verbatim')?.map(decodePercent) ?? parseParameters(text, 'escaped')
  if (!parameters) throw malformed('The Content-Disposition of a part is malformed.')
  const map = byName(parameters)
  if (!map) throw malformed('The Content-Disposition of a part names a parameter twice.')
  return map
}

/** The three characters that browsers encode, and no other: `%` itself they leave as it is. */
function decodePercent(parameter: Parameter): Parameter {
  if (!parameter.isQuoted || !parameter.value.includes('%')) return parameter
  return {
    ...parameter,
    value: parameter.value.replace(/%(22|0D|0A)/gi, (escaped) => decodeURIComponent(escaped)),
  }
}

/** Empty where there is one that can't be read. */
function nameIn(parameters: Map<string, Parameter>, name: string): string | undefined {
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

function claimsOf(header = ''): Pick<PartHeaders, 'contentType' | 'charset'> {
  const [type = ''] = header.split(';', 1)
  const parameters = parseParameters(header.slice(type.length), 'escaped')
  const charsets = parameters?.filter((one) => one.name === 'charset') ?? []
  if (charsets.length > 1) throw malformed('The Content-Type of a part names two charsets.')
  return { contentType: type.trim().toLowerCase(), charset: charsets[0]?.value }
}

/** RFC 7578 section 4.7 deprecates it; what says `binary` or `8bit` is as it is. */
function refuseEncoded(encoding = ''): void {
  if (!/^[ \t]*(base64|quoted-printable)[ \t]*$/i.test(encoding)) return
  throw new TintypeError(
    'unsupported_body',
    `Send the parts of a form as they are, not as ${encoding.trim()}.`,
  )
}

function malformed(detail: string): TintypeError {
  return new TintypeError('malformed_multipart', detail)
}
