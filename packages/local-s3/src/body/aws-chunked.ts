import { createHash, type Hash } from 'node:crypto'
import type { ChunkSigner } from '../auth/payload.ts'
import { sameSignature, sha256 } from '../auth/signature.ts'
import { S3Error } from '../errors.ts'

/** Takes the bytes of an `aws-chunked` body apart, without copying data. */
export interface ChunkDecoder {
  /** The data in these bytes. */
  push(bytes: Buffer): Buffer[]
  /** The trailers, by lower-case name; to be called after the last byte. */
  finish(): Map<string, string>
}

/**
 * Decodes `SIZE[;chunk-signature=...]\r\n DATA \r\n ... 0\r\n TRAILER:VALUE\r\n \r\n`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 *
 * @param signer verifies each chunk as soon as it is whole; its data was handed out before that, so
 *   nothing may be committed until `finish` has returned
 * @param trailer whether trailers may follow
 * @throws S3Error IncompleteBody, InvalidRequest, SignatureDoesNotMatch, MalformedTrailerError
 */
export function createChunkDecoder(signer: ChunkSigner | undefined, trailer: boolean): ChunkDecoder {
  let state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  let line = ''
  let left = 0
  let signature: string | undefined
  let hash: Hash | undefined
  let trailerLength = 0
  const trailers = new Map<string, string>()
  let signedTrailers = ''

  function readSize(text: string): void {
    const match = /^([0-9a-f]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(text)
    if (match === null)
      throw new S3Error('InvalidRequest', 'The body is not well-formed aws-chunked content.')
    left = Number.parseInt(match[1] ?? '', 16)
    signature = match[2]
    if (signer !== undefined) hash = createHash('sha256')
    if (left > 0) {
      state = 'data'
      return
    }
    endChunk()
    state = 'trailer'
  }

  function endChunk(): void {
    if (signer === undefined || hash === undefined) return
    if (!sameSignature(signer.chunk(hash.digest('hex')), signature ?? '')) {
      throw new S3Error('SignatureDoesNotMatch')
    }
  }

  function readTrailer(text: string): void {
    if (text === '') {
      state = 'done'
      return
    }
    trailerLength += text.length
    const colon = text.indexOf(':')
    if (!trailer || colon <= 0 || trailerLength > maxTrailers) throw new S3Error('MalformedTrailerError')
    const name = text.slice(0, colon).trim().toLowerCase()
    const value = text.slice(colon + 1).trim()
    trailers.set(name, value)
    if (name !== 'x-amz-trailer-signature') signedTrailers += `${name}:${value}\n`
  }

  /** Reads up to the end of a line; undefined while it has none. */
  function takeLine(bytes: Buffer, from: number): number | undefined {
    const end = bytes.indexOf(10, from)
    line += bytes.toString('latin1', from, end < 0 ? bytes.length : end)
    if (line.length > maxLine)
      throw new S3Error('InvalidRequest', 'A line of the aws-chunked content is too long.')
    return end < 0 ? undefined : end + 1
  }

  return {
    push(bytes) {
      const data: Buffer[] = []
      let at = 0
      while (at < bytes.length) {
        if (state === 'done') throw new S3Error('IncompleteBody')
        if (state === 'data') {
          const piece = bytes.subarray(at, at + left)
          hash?.update(piece)
          data.push(piece)
          at += piece.length
          left -= piece.length
          if (left === 0) {
            endChunk()
            state = 'data-end'
          }
          continue
        }
        const next = takeLine(bytes, at)
        if (next === undefined) break
        at = next
        const text = line.endsWith('\r') ? line.slice(0, -1) : line
        line = ''
        if (state === 'size') readSize(text)
        else if (state === 'trailer') readTrailer(text)
        else if (text === '') state = 'size'
        else
          throw new S3Error('InvalidRequest', 'A chunk of the aws-chunked content is longer than its size.')
      }
      return data
    },
    finish() {
      // The empty line after the last chunk may be missing where no trailers follow.
      if (state !== 'done' && !(state === 'trailer' && !trailer && line === ''))
        throw new S3Error('IncompleteBody')
      const given = trailers.get('x-amz-trailer-signature')
      if (signer !== undefined && trailer) {
        if (!sameSignature(signer.trailer(sha256(signedTrailers)), given ?? '')) {
          throw new S3Error('SignatureDoesNotMatch')
        }
      }
      trailers.delete('x-amz-trailer-signature')
      return trailers
    },
  }
}

const maxLine = 8192
const maxTrailers = 8192
