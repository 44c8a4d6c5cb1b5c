import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { emptySha256, hmac, type Scope, scopeText } from './signature.ts'

/** What the signature says about the body. */
export type Payload =
  | { kind: 'unsigned' }
  /** The body's SHA-256 in hex. */
  | { kind: 'digest'; sha256: string }
  /** `aws-chunked`: `signer` if each chunk is signed, `trailer` if headers follow the body. */
  | { kind: 'chunked'; trailer: boolean; signer?: ChunkSigner }

/** Gives the signatures that the chunks of one body must have, each built on the one before. */
export interface ChunkSigner {
  chunk(sha256: string): string
  trailer(sha256: string): string
}

/**
 * Understands `x-amz-content-sha256`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 *
 * @param seed the request's own signature and what it was made with
 * @throws S3Error InvalidArgument, NotImplemented (SigV4A)
 */
export function readPayload(
  request: S3Request,
  hash: string,
  seed: { key: Buffer; scope: Scope; timestamp: string; signature: string },
): Payload {
  if (hash === 'UNSIGNED-PAYLOAD') {
    return { kind: 'unsigned' }
  }
  if (/^[0-9a-f]{64}$/i.test(hash)) return { kind: 'digest', sha256: hash.toLowerCase() }
  const [, signed, trailer] = /^STREAMING-(UNSIGNED|AWS4-HMAC-SHA256)-PAYLOAD(-TRAILER)?$/.exec(hash) ?? []
  if (signed === 'AWS4-HMAC-SHA256') {
    return { kind: 'chunked', trailer: trailer !== undefined, signer: createChunkSigner(seed) }
  }
  if (signed === 'UNSIGNED' && trailer !== undefined) return { kind: 'chunked', trailer: true }
  if (hash.startsWith('STREAMING-AWS4-ECDSA')) throw new S3Error('NotImplemented')
  throw new S3Error(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    {
      details: {
        ArgumentName: 'x-amz-content-sha256',
        ArgumentValue: request.headers.get('x-amz-content-sha256') ?? '',
      },
    },
  )
}

function createChunkSigner(seed: {
  key: Buffer
  scope: Scope
  timestamp: string
  signature: string
}): ChunkSigner {
  let previous = seed.signature
  const sign = (kind: string, ...hashes: string[]) => {
    const toSign = [`AWS4-HMAC-SHA256-${kind}`, seed.timestamp, scopeText(seed.scope), previous, ...hashes]
    previous = hmac(seed.key, toSign.join('\n')).toString('hex')
    return previous
  }
  return {
    chunk: (digest) => sign('PAYLOAD', emptySha256, digest),
    trailer: (digest) => sign('TRAILER', digest),
  }
}
