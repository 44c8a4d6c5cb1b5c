import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { unavailableOnError } from './call.ts'
import { type BucketOptions, createClient } from './client.ts'
import { decodeKey, type ListedObject, takeObjects } from './listing-xml.ts'
import { isDenied, isNotOffered } from './meaning.ts'

export type { ListedObject } from './listing-xml.ts'

/**
 * What is in the bucket, whoever put it there. For the audit alone: it needs `s3:ListBucket` and
 * `s3:ListBucketMultipartUploads`, which the serving identity does not have.
 *
 * All of them throw `storage_unavailable` when S3 does not answer, and {@link MayNotList} when it refuses.
 */
export interface BucketListing {
  /**
   * Every object below `prefix`, in the order of UTF-8 bytes, in pages of up to a thousand. The next page is on its
   * way while one is read: two pages are in memory, however many objects there are.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
   */
  objects(prefix: string): AsyncGenerator<ListedObject[]>
  /** What the bucket holds at exactly this key, asked now. */
  object(key: string): Promise<ListedObject | undefined>
  /**
   * Multipart uploads in progress below `prefix`, in pages.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
   */
  multiparts(prefix: string): AsyncGenerator<OpenMultipart[]>
  close(): void
}

export interface OpenMultipart {
  key: string
  uploadId: string
  /** When it was begun, milliseconds since the epoch, by S3's clock. */
  initiated: number
}

/** S3 answered, and refused for want of a permission. */
export class MayNotList extends Error {
  readonly action: string

  constructor(action: string, cause: unknown) {
    super(`The bucket may not be listed with this key: it needs ${action}.`, { cause })
    this.action = action
  }
}

/** A listing is a thousand requests and more: one that fails is repeated. */
const maxAttempts = 5
const pageTimeout = 30_000
const largestPage = 1000

interface Page {
  objects: ListedObject[]
  next: string | undefined
}

/** @param bucket with credentials that may list */
export function createBucketListing(bucket: BucketOptions): BucketListing {
  const client = createClient(bucket, { maxAttempts })
  const Bucket = bucket.name

  async function page(Prefix: string, MaxKeys: number, ContinuationToken?: string): Promise<Page> {
    // Keys that XML can't hold come through percent-encoded.
    const options = { Bucket, Prefix, MaxKeys, ContinuationToken, EncodingType: 'url' as const }
    const command = new ListObjectsV2Command(options)
    const objects = takeObjects(command)
    const answer = await ask('s3:ListBucket', (limit) => client.send(command, limit))
    return { objects: objects(), next: answer.IsTruncated ? answer.NextContinuationToken : undefined }
  }

  return {
    async *objects(prefix) {
      let coming: Promise<Page> | undefined = page(prefix, largestPage)
      while (coming) {
        const { objects, next }: Page = await coming
        coming = next === undefined ? undefined : page(prefix, largestPage, next)
        // It is awaited one page later: a failure until then must not count as unhandled.
        coming?.catch(() => {})
        yield objects
      }
    },

    // The key itself sorts first among all that begin with it.
    object: async (key) => (await page(key, 1)).objects.find((one) => one.key === key),

    async *multiparts(prefix) {
      let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
      while (marker) {
        const command = new ListMultipartUploadsCommand({
          Bucket,
          Prefix: prefix,
          EncodingType: 'url',
          ...marker,
        })
        const current: ListMultipartUploadsCommandOutput = await ask(
          's3:ListBucketMultipartUploads',
          (limit) => client.send(command, limit),
        )
        yield (current.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
          key: decodeKey(Key),
          uploadId: UploadId,
          initiated: Initiated?.getTime() ?? 0,
        }))
        marker = current.IsTruncated
          ? { KeyMarker: decodeKey(current.NextKeyMarker ?? ''), UploadIdMarker: current.NextUploadIdMarker }
          : undefined
      }
    },

    close: () => client.destroy(),
  }
}

async function ask<T>(action: string, work: (limit: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  let denied: unknown
  const answer = await unavailableOnError('list', async () => {
    try {
      return { value: await work({ abortSignal: AbortSignal.timeout(pageTimeout) }) }
    } catch (error) {
      if (!isDenied(error) && !isNotOffered(error)) throw error
      denied = error
      return undefined
    }
  })
  if (answer === undefined) throw new MayNotList(action, denied)
  return answer.value
}
