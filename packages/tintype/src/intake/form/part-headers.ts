import { TintypeError } from '../../errors.ts'
import { formData, nameIn, parseDisposition } from './disposition.ts'
import { parseParameters } from './parameters.ts'

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
  const disposition = parseDisposition(headers.get('content-disposition') ?? '', formData, (what) =>
    malformed(`The Content-Disposition of a part ${what}.`),
  )
  const name = nameIn(disposition, 'name')
  if (!name) throw malformed('A part of the form has no name.')
  return { name, filename: nameIn(disposition, 'filename'), ...claimsOf(headers.get('content-type')) }
}

/** Carriage returns and line feeds that are not a line break together, and NUL. */
const forbidden = /\r(?!\n)|(?<!\r)\n|\0/
const headerLine = /^([\w!#$%&'*+.^`|~-]+):(.*)$/s
const used = /^content-(disposition|type|transfer-encoding)$/i

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
