import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Payload } from '../auth/payload.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { createChunkDecoder } from './aws-chunked.ts'

/** The body of a request, decoded. */
export interface Body {
  /** Bytes to come, as announced; undefined if they were not. */
  length: number | undefined
  payload: Payload
  /**
   * The bytes, once. A client that waits for `100 Continue` gets it only now, so a client that was refused before sends
   * nothing. Returns the trailers at the end.
   *
   * @throws S3Error IncompleteBody, EntityTooLarge, and what `createChunkDecoder` throws
   */
  read(): AsyncGenerator<Buffer, Map<string, string>>
}

/** @throws S3Error MissingContentLength, InvalidArgument */
export function createBody(request: S3Request, response: ServerResponse, payload: Payload): Body {
  const chunked = payload.kind === 'chunked'
  const length = readLength(request, chunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (chunked && length === undefined) throw new S3Error('MissingContentLength')

  return {
    length,
    payload,
    async *read() {
      if (request.headers.get('expect')?.toLowerCase() === '100-continue') response.writeContinue()
      const decoder = chunked ? createChunkDecoder(payload.signer, payload.trailer) : undefined
      let size = 0
      for await (const bytes of untilAborted(request.raw)) {
        for (const piece of decoder ? decoder.push(bytes) : [bytes]) {
          size += piece.length
          if (length !== undefined && size > length) throw incomplete(length, size)
          yield piece
        }
      }
      const trailers = decoder?.finish() ?? new Map<string, string>()
      if (length !== undefined && size !== length) throw incomplete(length, size)
      return trailers
    },
  }
}

/** A broken connection is an incomplete body of the client, not an internal error. The request stays open for its answer. */
async function* untilAborted(raw: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* raw.iterator({ destroyOnReturn: false })
  } catch (cause) {
    throw new S3Error('IncompleteBody', undefined, { cause })
  }
}

function readLength(request: S3Request, header: string): number | undefined {
  const value = request.headers.get(header)
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw new S3Error('InvalidArgument', `${header} must be a number of bytes.`, {
    details: { ArgumentName: header, ArgumentValue: value },
  })
}

function incomplete(expected: number, actual: number): S3Error {
  return new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
    { details: { NumberBytesExpected: expected, NumberBytesProvided: actual } },
  )
}
