import { documentIn, present } from './answer.ts'
import { type CompletedPart, completeMultipart, crc32From, crc32ToBase64 } from './complete-multipart.ts'
import { type Encryption, encryptionHeaders } from './encryption.ts'
import { listMultiparts, type MultipartMarker } from './list-multiparts.ts'
import { listParts, type StoredPart } from './list-parts.ts'
import { isAbsent, isDenied, isNotOffered } from './meaning.ts'
import { unavailableOnError } from './retry.ts'
import type { Sender } from './send.ts'

export type { CompletedPart } from './complete-multipart.ts'
export type { StoredPart } from './list-parts.ts'

/**
 * S3 multipart uploads whose parts carry checksums: SHA-256 where others send them, CRC32 (a quarter of its cost)
 * where they come from this process, which computes the SHA-256 of the whole beside it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 *
 * All of them throw `storage_unavailable` when S3 does not answer or refuses.
 */
export interface MultipartBucket {
  /**
   * Sent once, unless S3 says that nothing was done: when it throws, there may be an upload whose id is lost.
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
   * Copies bytes of an object into a part, inside S3, provided that it still has this ETag. Sending a part again replaces
   * it. Needs s3:GetObject on the source and s3:PutObject on the upload's key.
   *
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
   *
   * @param part.range from `start` up to and without `end`
   * @param part.signal the only limit of its time: S3 answers when the last byte has been copied
   * @returns its ETag, and the checksum that S3 has made of it
   */
  copyPart(
    key: string,
    uploadId: string,
    part: {
      number: number
      from: string
      etag: string
      range: { start: number; end: number }
      signal: AbortSignal
    },
  ): Promise<CompletedPart>
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

const abortTimeout = 10_000
/** All pages together. */
const listTimeout = 30_000

/** @param parts.lister has the credentials that may list; parts.name of the bucket */
export function createMultipartBucket({
  sender,
  lister,
  name,
  encryption,
}: {
  sender: Pick<Sender, 'send' | 'put'>
  lister: Pick<Sender, 'send'>
  name: string
  encryption: Encryption | undefined
}): MultipartBucket {
  return {
    createMultipart: (key, { type, checksum = 'SHA256', signal }) =>
      unavailableOnError(
        'begin',
        async () => {
          const answer = await sender.send({
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
          const { fields } = documentIn(answer, {
            root: 'InitiateMultipartUploadResult',
            fields: ['UploadId'],
          })
          return present(fields.UploadId, 'the id of the upload')
        },
        { signal },
      ),

    putPart: (key, uploadId, { number, bytes, crc32, signal }) =>
      unavailableOnError(
        'store',
        () =>
          sender.put({
            key,
            query: { partNumber: String(number), uploadId },
            headers: { 'x-amz-checksum-crc32': crc32ToBase64(crc32) },
            payload: 'UNSIGNED-PAYLOAD',
            bytes,
            signal,
          }),
        // A part that is sent again under its number replaces itself.
        { signal, safe: true, reconnect: false },
      ),

    copyPart: (key, uploadId, { number, from, etag, range: { start, end }, signal }) =>
      unavailableOnError(
        'copy',
        async () => {
          const answer = await sender.send({
            method: 'PUT',
            key,
            query: { partNumber: String(number), uploadId, 'x-id': 'UploadPartCopy' },
            headers: {
              'x-amz-copy-source': `${name}/${from}`,
              'x-amz-copy-source-if-match': etag,
              'x-amz-copy-source-range': `bytes=${start}-${end - 1}`,
            },
            signal,
            idle: 0,
          })
          const { fields } = documentIn(answer, { root: 'CopyPartResult', fields: ['ETag', 'ChecksumCRC32'] })
          const made = { number, etag: present(fields.ETag, 'the ETag of the part') }
          const crc32 = crc32From(fields.ChecksumCRC32)
          return crc32 === undefined ? made : { ...made, crc32 }
        },
        { signal, safe: true },
      ),

    completeMultipart: (key, uploadId, parts, { signal } = {}) =>
      completeMultipart(sender, { key, uploadId, parts, signal }),

    abortMultipart: (key, uploadId) =>
      unavailableOnError(
        'abort',
        async (signal) => {
          try {
            const query = { uploadId, 'x-id': 'AbortMultipartUpload' }
            await sender.send({ method: 'DELETE', key, query, signal })
          } catch (error) {
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            if (!isAbsent(error)) throw error
          }
          return 'aborted'
        },
        { within: abortTimeout, safe: true },
      ),

    listParts: (key, uploadId) =>
      unavailableOnError(
        'list',
        async (signal) => {
          try {
            return await listParts(sender, key, uploadId, signal)
          } catch (error) {
            if (isAbsent(error)) return 'absent'
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            throw error
          }
        },
        { within: listTimeout, safe: true },
      ),

    openMultiparts: (key) =>
      unavailableOnError(
        'list',
        async (signal) => {
          const found: string[] = []
          let after: MultipartMarker | undefined
          try {
            do {
              const page = await listMultiparts(lister, { prefix: key, after, signal })
              for (const one of page.uploads) if (one.key === key) found.push(one.uploadId)
              after = page.next
            } while (after)
          } catch (error) {
            if (isDenied(error) || isNotOffered(error)) return 'denied'
            throw error
          }
          return found
        },
        { within: listTimeout, safe: true },
      ),
  }
}
