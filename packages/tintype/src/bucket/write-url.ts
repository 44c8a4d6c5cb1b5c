import { type Encryption, encryptionHeaders } from './encryption.ts'
import { toBase64 } from './options.ts'
import { unavailableOnError } from './retry.ts'
import type { QuerySigner } from './sign.ts'

/** What a browser may write: exactly this, or S3 refuses it. */
export interface WriteTerms {
  /** Bytes. */
  size: number
  /** That the URL is good for, from now on. */
  seconds: number
}

/** A signed PUT and the headers that its sender has to set. */
export interface WriteUrl {
  url: string
  headers: Record<string, string>
}

/**
 * Signed PUT URLs for browsers. Size, type and checksum (SHA-256, here in lower-case hex) are signed headers, so S3 refuses whatever differs in one
 * of them. `content-length` is signed too, but not among the headers to set: browsers set it, and forbid scripts to.
 */
export interface WriteUrls {
  /**
   * One PUT of a whole object, which can't overwrite one that is there. Without a checksum S3 takes any bytes.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
   */
  putUrl(key: string, terms: WriteTerms & { type: string; sha256: string | null }): Promise<WriteUrl>
  /** One part of a multipart upload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
  partUrl(
    key: string,
    uploadId: string,
    terms: WriteTerms & { number: number; sha256: string },
  ): Promise<WriteUrl>
}

export function createWriteUrls(
  signer: QuerySigner,
  { now, encryption }: { now: () => number; encryption?: Encryption | undefined },
): WriteUrls {
  async function sign(
    key: string,
    query: Record<string, string>,
    headers: Record<string, string>,
    { size, seconds }: WriteTerms,
  ): Promise<WriteUrl> {
    const signed = { ...headers, 'content-length': String(size) }
    const url = await unavailableOnError('sign a URL for', () =>
      signer.sign({ method: 'PUT', key, query, headers: signed, time: now(), seconds }),
    )
    return { url, headers }
  }

  return {
    putUrl: (key, terms) =>
      sign(
        key,
        { 'x-id': 'PutObject' },
        {
          'content-type': terms.type,
          'if-none-match': '*',
          ...encryptionHeaders(encryption),
          ...(terms.sha256 === null ? {} : { 'x-amz-checksum-sha256': toBase64(terms.sha256) }),
        },
        terms,
      ),
    partUrl: (key, uploadId, terms) =>
      sign(
        key,
        { partNumber: String(terms.number), uploadId, 'x-id': 'UploadPart' },
        { 'x-amz-checksum-sha256': toBase64(terms.sha256) },
        terms,
      ),
  }
}
