import type { ServerResponse } from 'node:http'
import type { S3Error } from '../errors.ts'
import { document, type Element, errorDocument } from '../xml/build.ts'

type Headers = Record<string, string | number>

export function sendXml(response: ServerResponse, root: Element, headers: Headers = {}): void {
  sendText(response, 200, 'application/xml', document(root), headers)
}

/** No body; 200 unless told otherwise. */
export function sendEmpty(response: ServerResponse, status = 200, headers: Headers = {}): void {
  response
    .writeHead(status, status === 204 || status === 304 ? headers : { ...headers, 'content-length': 0 })
    .end()
}

export function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Headers = {},
): void {
  const body = Buffer.from(text)
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': body.length }).end(body)
}

/** The error as XML. HEAD gets the status alone. */
export function sendError(
  response: ServerResponse,
  error: S3Error,
  { id, resource }: { id: string; resource: string },
): void {
  const details = Object.entries(error.details)
  const headers: Headers = {}
  if (error.code === 'InvalidRange')
    headers['content-range'] = `bytes */${error.details.ActualObjectSize ?? '*'}`
  const xml = errorDocument([
    ['Code', error.code],
    ['Message', error.message],
    ...details,
    ['Resource', resource],
    ['RequestId', id],
    ['HostId', 'local-s3'],
  ])
  sendText(response, error.status, 'application/xml', xml, headers)
}
