import { TintypeError } from '../errors.ts'
import { documentIn, present } from './answer.ts'
import { isAbsent, isRefusal } from './meaning.ts'
import { toBase64 } from './options.ts'
import { unavailableOnError } from './retry.ts'
import type { Sender } from './send.ts'

/** With its checksum, SHA-256 in lower-case hex or CRC32; of a part that a service has copied and told none, without. */
export type CompletedPart = { number: number; etag: string } & (
  | { sha256: string; crc32?: never }
  | { crc32?: number; sha256?: never }
)

/** A complete of ten thousand parts takes S3 a while. Milliseconds. */
const completeTimeout = 60_000

/**
 * Makes one object of one upload, once, so it may be repeated when S3 has failed. An object that is there is not overwritten.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipart(
  { send }: Pick<Sender, 'send'>,
  {
    key,
    uploadId,
    parts,
    signal,
  }: { key: string; uploadId: string; parts: CompletedPart[]; signal: AbortSignal | undefined },
): Promise<void> {
  const refusal = await unavailableOnError(
    'complete',
    async (signal) => {
      try {
        const answer = await send({
          method: 'POST',
          key,
          query: { uploadId },
          headers: { 'content-type': 'application/xml', 'if-none-match': '*' },
          body: Buffer.from(completeXml(parts)),
          signal,
          idle: completeTimeout,
        })
        const { fields } = documentIn(answer, { root: 'CompleteMultipartUploadResult', fields: ['ETag'] })
        present(fields.ETag, 'the ETag of the object')
      } catch (cause) {
        if (isAbsent(cause))
          return new TintypeError('not_found', 'The upload is not there any more.', { cause })
        if (!namesOtherParts(cause)) throw cause
        return new TintypeError('not_complete', 'The object storage has other parts than these.', { cause })
      }
    },
    { signal, within: completeTimeout, safe: true, reconnect: false },
  )
  if (refusal) throw refusal
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors */
function namesOtherParts(error: unknown): boolean {
  return isRefusal(error) && /^(InvalidPart|EntityTooSmall|BadDigest)$/.test(error.name)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_RequestSyntax */
function completeXml(parts: CompletedPart[]): string {
  const all = parts.map(({ number, etag, sha256, crc32 }) => {
    const checksum =
      sha256 !== undefined
        ? `<ChecksumSHA256>${toBase64(sha256)}</ChecksumSHA256>`
        : crc32 === undefined
          ? ''
          : `<ChecksumCRC32>${crc32ToBase64(crc32)}</ChecksumCRC32>`
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag>${checksum}</Part>`
  })
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${all.join('')}</CompleteMultipartUpload>`
}

/** ETags come from clients. */
function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)
}

export function crc32ToBase64(crc32: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32)
  return bytes.toString('base64')
}

/** @returns undefined where there is none */
export function crc32From(base64: string | undefined): number | undefined {
  const bytes = Buffer.from(base64 ?? '', 'base64')
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined
}
