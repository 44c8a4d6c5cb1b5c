import { maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { TintypeError } from 'tintype/internal/errors'
import { problemOf } from 'tintype/internal/http/problem'
import { requestIdOf } from 'tintype/internal/http/request-id'
import type { Log } from 'tintype/internal/log'

/**
 * Answers what never becomes a request, because Node's parser or its time limit ends it, as everything else is answered:
 * with problem details. Node itself would send a status alone. The connection ends.
 */
export function answerUnparsed(server: Server, log: Log): void {
  const latest = new WeakMap<Duplex, ServerResponse>()
  const note = (_: unknown, res: ServerResponse) => {
    if (res.socket) latest.set(res.socket, res)
  }
  server.on('request', note)
  server.on('checkContinue', note)
  server.on('clientError', (cause, socket) => {
    const answer = latest.get(socket)
    // In the middle of an answer, another one would be taken for a part of it.
    const isAnswering = answer?.headersSent && !answer.writableFinished
    if (!socket.writable || isAnswering || ('code' in cause && cause.code === 'ECONNRESET')) {
      socket.destroy()
      return
    }
    const error = refusalOf(cause)
    const requestId = requestIdOf({})
    log.info('request.refused', { requestId, code: error.code, error: cause })
    const body = JSON.stringify({ ...problemOf(error), requestId })
    const lines = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      `X-Request-Id: ${requestId}`,
      `Date: ${new Date().toUTCString()}`,
      'Connection: close',
    ]
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  })
}

function refusalOf(cause: Error): TintypeError {
  switch ('code' in cause && cause.code) {
    case 'HPE_HEADER_OVERFLOW': {
      const detail = `Address and headers together have more than ${maxHeaderSize / 1024} kB.`
      return new TintypeError('headers_too_large', detail, { cause, limit: maxHeaderSize })
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new TintypeError('too_large', 'The extensions of the chunks are too long.', { cause })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new TintypeError('too_slow', 'The headers came too slowly. Send the request again.', { cause })
    default:
      return new TintypeError('malformed_request', 'This is no HTTP/1.1 request.', { cause })
  }
}
