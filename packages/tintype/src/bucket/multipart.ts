import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { TintypeError } from '../errors.ts'
import { unavailableOnError } from './call.ts'
import { toBase64 } from './client.ts'
import { type Encryption, encryptionHeaders } from './encryption.ts'
import { isAbsent, isDenied, isNotOffered, isRefusal } from './meaning.ts'
import { elementOf, S3Refusal, type Sender } from './send.ts'

/**
 * S3 multipart uploads whose parts carry checksums: SHA-256 where others send them, CRC32 (a quarter of its cost)
 * where they come from this process, which computes the SHA-256 of the whole beside it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 *
 * All of them throw `storage_unavailable` when S3 does not answer or refuses.
 */
export interface MultipartBucket {
  /**
   * Sent once, unless S3 says that nothing was done: when it throws, there may be an upload whose id nobody has learnt.
   * @returns S3's upload id
   */
  createMultipart(
    key: string,
    options: { type: string; checksum?: 'SHA256' | 'CRC32'; signal?: AbortSignal },
  ): Promise<string>
  /**
   * Of an upload that was created with CRC32. Sending a part again replaces it.
   * @returns its ETag
   */
  putPart(
    key: string,
    uploadId: string,
    part: { number: number; bytes: Uint8Array; crc32: number; signal?: AbortSignal },
  ): Promise<string>
  /**
   * When it throws, the object may exist: ask {@link Bucket.head}. An object that is there is not overwritten.
   * @throws {TintypeError} `not_complete` when S3 has other parts than these, `not_found` when it has no such upload
   */
  completeMultipart(
    key: string,
    uploadId: string,
    parts: CompletedPart[],
    options?: { signal?: AbortSignal },
  ): Promise<void>
  /**
   * Succeeds too when there is no such upload. Needs s3:AbortMultipartUpload.
   * @returns 'denied' when we may not: then the bucket's lifecycle rule has to end it
   */
  abortMultipart(key: string, uploadId: string): Promise<'aborted' | 'denied'>
  /**
   * By number. Needs s3:ListMultipartUploadParts.
   * @returns 'absent' when there is no such upload, 'denied' when we may not ask
   */
  listParts(key: string, uploadId: string): Promise<StoredPart[] | 'absent' | 'denied'>
  /**
   * Uploads in progress at exactly this key. Needs s3:ListBucketMultipartUploads, which the app's own identity
   * does not have by default.
   * @returns 'denied' when we may not ask, or S3 does not have the question
   */
  openMultiparts(key: string): Promise<string[] | 'denied'>
}

/** With its checksum: SHA-256 in lower-case hex, or CRC32. */
export type CompletedPart = { number: number; etag: string } & (
  | { sha256: string; crc32?: never }
  | { crc32: number; sha256?: never }
)

export interface StoredPart {
  number: number
  size: number
  etag: string
  /** Lower-case hex. */
  sha256: string | undefined
}

/** A complete of ten thousand parts takes S3 a while. Milliseconds. */
const completeTimeout = 60_000
const abortTimeout = 10_000

/** @param parts.lister has the credentials that may list */
export function createMultipartBucket({
  client,
  lister,
  Bucket,
  encryption,
  sender: { send, put },
}: {
  client: S3Client
  lister: S3Client
  Bucket: string
  encryption: Encryption | undefined
  sender: Pick<Sender, 'send' | 'put'>
}): MultipartBucket {
  return {
    createMultipart: (key, { type, checksum = 'SHA256', signal }) =>
      unavailableOnError(
        'begin',
        async () => {
          const answer = await send({
            method: 'POST',
            key,
            query: { uploads: '' },
            headers: {
              'content-type': type,
              'x-amz-checksum-algorithm': checksum,
              ...encryptionHeaders(encryption),
            },
            signal,
          })
          const id = elementOf(answer.body.toString(), 'UploadId')
          if (id === undefined) throw new S3Refusal(answer)
          return id
        },
        { signal },
      ),

    putPart: (key, uploadId, { number, bytes, crc32, signal }) =>
      unavailableOnError(
        'store',
        () =>
          put({
            key,
            query: { partNumber: String(number), uploadId },
            headers: { 'x-amz-checksum-crc32': crc32ToBase64(crc32) },
            payload: 'UNSIGNED-PAYLOAD',
            bytes,
            signal,
          }),
        // A part that is sent again under its number replaces itself.
        { signal, safe: true },
      ),

    async completeMultipart(key, uploadId, parts, { signal } = {}) {
      const refusal = await unavailableOnError(
        'complete',
        async () => {
          const limit = AbortSignal.timeout(completeTimeout)
          try {
            const answer = await send({
              method: 'POST',
              key,
              query: { uploadId },
              headers: { 'content-type': 'application/xml', 'if-none-match': '*' },
              body: Buffer.from(completeXml(parts)),
              signal: signal ? AbortSignal.any([signal, limit]) : limit,
              idle: completeTimeout,
            })
            // S3 may answer 200 and put an error into the body: whoever completed an object says its ETag.
            if (elementOf(answer.body.toString(), 'ETag') === undefined) throw new S3Refusal(answer)
          } catch (cause) {
            if (isAbsent(cause))
              return new TintypeError('not_found', 'The upload is not there any more.', { cause })
            if (!namesOtherParts(cause)) throw cause
            return new TintypeError('not_complete', 'The object storage has other parts than these.', {
              cause,
            })
          }
          // It makes one object of one upload, once.
        },
        { signal, safe: true },
      )
      if (refusal) throw refusal
    },

    abortMultipart: (key, uploadId) =>
      unavailableOnError(
        'abort',
        async () => {
          try {
            await send({
              method: 'DELETE',
              key,
              query: { uploadId, 'x-id': 'AbortMultipartUpload' },
              signal: AbortSignal.timeout(abortTimeout),
            })
          } catch (error) {
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            if (!isAbsent(error)) throw error
          }
          return 'aborted'
        },
        { safe: true },
      ),

    listParts: (key, uploadId) =>
      unavailableOnError(
        'list',
        async () => {
          const found: StoredPart[] = []
          let marker: string | undefined
          try {
            do {
              const page: ListPartsCommandOutput = await client.send(
                new ListPartsCommand({ Bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
              )
              for (const { PartNumber = 0, Size = 0, ETag = '', ChecksumSHA256 } of page.Parts ?? []) {
                const sha256 = ChecksumSHA256 && Buffer.from(ChecksumSHA256, 'base64').toString('hex')
                found.push({ number: PartNumber, size: Size, etag: ETag, sha256 })
              }
              marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
            } while (marker !== undefined)
          } catch (error) {
            if (isAbsent(error)) return 'absent'
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            throw error
          }
          return found
        },
        { safe: true },
      ),

    openMultiparts: (key) =>
      unavailableOnError(
        'list',
        async () => {
          const found: string[] = []
          let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
          try {
            while (marker) {
              const page: ListMultipartUploadsCommandOutput = await lister.send(
                new ListMultipartUploadsCommand({ Bucket, Prefix: key, ...withoutUndefined(marker) }),
                { abortSignal: AbortSignal.timeout(abortTimeout) },
              )
              for (const { Key, UploadId } of page.Uploads ?? [])
                if (Key === key && UploadId) found.push(UploadId)
              marker = page.IsTruncated
                ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
                : undefined
            }
          } catch (error) {
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            throw error
          }
          return found
        },
        { safe: true },
      ),
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors */
function namesOtherParts(error: unknown): boolean {
  return isRefusal(error) && /^(InvalidPart|EntityTooSmall|BadDigest)$/.test(error.name)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_RequestSyntax */
function completeXml(parts: CompletedPart[]): string {
  const all = parts.map(({ number, etag, sha256, crc32 }) => {
    const checksum =
      sha256 === undefined
        ? `<ChecksumCRC32>${crc32ToBase64(crc32)}</ChecksumCRC32>`
        : `<ChecksumSHA256>${toBase64(sha256)}</ChecksumSHA256>`
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag>${checksum}</Part>`
  })
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${all.join('')}</CompleteMultipartUpload>`
}

/** ETags come from clients. */
function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)
}

function crc32ToBase64(crc32: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32)
  return bytes.toString('base64')
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never
}
