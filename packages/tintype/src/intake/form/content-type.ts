import type { IncomingMessage } from 'node:http'
import { TintypeError } from '../../errors.ts'
import { byName, parseParameters } from './parameters.ts'

export interface ContentType {
  /** In lower case, e.g. `multipart/form-data`; empty where the request names none. */
  type: string
  parameters: ReadonlyMap<string, { value: string }>
}

/**
 * What a request says that its body is. Every way in that takes a body asks here first: none of them decompresses,
 * since a few kilobytes may become gigabytes, so a body that claims to be compressed can't be understood.
 *
 * @throws {TintypeError} `unsupported_body` for a Content-Encoding, `malformed_request`
 */
export function contentTypeOf(req: Pick<IncomingMessage, 'headers'>): ContentType {
  refuseEncoded(req)
  const { 'content-type': header = '' } = req.headers
  const semicolon = header.indexOf(';')
  const parameters = semicolon === -1 ? [] : parseParameters(header.slice(semicolon), 'escaped')
  const map = parameters && byName(parameters)
  if (!map) throw new TintypeError('malformed_request', 'The Content-Type of the request is malformed.')
  const type = semicolon === -1 ? header : header.slice(0, semicolon)
  return { type: type.trim().toLowerCase(), parameters: map }
}

/**
 * @throws {TintypeError} `unsupported_body` for any Content-Encoding but `identity`, which says that there is none; Node
 * undoes no Transfer-Encoding but `chunked`
 */
export function refuseEncoded({ headers }: Pick<IncomingMessage, 'headers'>): void {
  const { 'content-encoding': content = '', 'transfer-encoding': transfer = '' } = headers
  if (content === '' && transfer === '') return
  const codings = [...listed(content), ...listed(transfer).filter((one) => one !== 'chunked')]
  if (codings.every((one) => one === '' || one === 'identity')) return
  throw new TintypeError('unsupported_body', 'Send the body as it is, without Content-Encoding.')
}

function listed(header: string): string[] {
  return header.split(',').map((one) => one.trim().toLowerCase())
}
