import { isAbsent, isDenied } from './meaning.ts'
import { S3Refusal } from './refusal.ts'
import type { S3Answer, Sender } from './send.ts'

export interface ObjectFacts {
  size: number
  type: string | undefined
  etag: string
  /** Of the whole object, lower-case hex, where S3 has verified one (a single PUT with a checksum). */
  sha256: string | undefined
}

/**
 * What S3 knows of an object, by HEAD. A refused HEAD has no body: "there is no such object", "no such bucket", "not
 * allowed", "wrong clock" and "no permission for the KMS key" look alike, so S3 is asked for the first byte to hear
 * which it is. The most that this costs is one request for each object that is absent.
 *
 * @returns undefined when there is no such object
 * @throws {S3Refusal} with S3's reason
 */
export async function lookAt(
  { send }: Pick<Sender, 'send'>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectFacts | undefined> {
  try {
    const headers = { 'x-amz-checksum-mode': 'ENABLED' }
    return factsOf(await send({ method: 'HEAD', key, headers, signal }))
  } catch (error) {
    if (!(error instanceof S3Refusal) || error.status >= 500) throw error
    try {
      await readFirstByte({ send }, key, signal)
    } catch (reason) {
      if (saysAbsent(reason)) return undefined
      throw reason
    }
    // It has come in between.
    throw error
  }
}

/** @throws {S3Refusal} with S3's reason, since an answer to GET has a body */
export async function readFirstByte(
  { send }: Pick<Sender, 'send'>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<S3Answer> {
  return send({
    method: 'GET',
    key,
    query: { 'x-id': 'GetObject' },
    headers: { range: 'bytes=0-0' },
    signal,
  })
}

/**
 * Without s3:ListBucket S3 does not say whether there is an object: of one that is absent it says that the permission
 * to list is missing, or just "Access Denied". Where it names the permission to read, the object may well be there.
 */
export function saysAbsent(error: unknown): boolean {
  if (isAbsent(error)) return true
  return isDenied(error) && !/\bs3:GetObject\b/.test((error as Error).message)
}

function factsOf({ headers }: S3Answer): ObjectFacts {
  const { etag, 'content-length': length, 'content-type': type } = headers
  const base64 = headers['x-amz-checksum-sha256']
  // A gateway may answer 200 with a page of its own: S3 says the ETag with every object.
  if (length === undefined || etag === undefined) throw new Error('S3 answered a HEAD without an ETag.')
  // A composite checksum ("…-3") is of the parts' checksums, not of the bytes.
  const whole = typeof base64 === 'string' && !base64.includes('-')
  const sha256 = whole ? Buffer.from(base64, 'base64').toString('hex') : undefined
  return { size: Number(length), type, etag, sha256 }
}
