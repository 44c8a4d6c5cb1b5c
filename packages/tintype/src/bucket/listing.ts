import { createAgents } from './agents.ts'
import { credentialsOf } from './credentials.ts'
import { listMultiparts, type MultipartMarker, type OpenMultipart } from './list-multiparts.ts'
import { type ListedObject, listObjects, type ObjectPage } from './list-objects.ts'
import { isDenied, isNotOffered } from './meaning.ts'
import { idleTimeout, type LocatedBucket } from './options.ts'
import { unavailableOnError } from './retry.ts'
import { createSender } from './send.ts'
import { createHeaderSigner } from './sign.ts'

export type { OpenMultipart } from './list-multiparts.ts'
export type { ListedObject } from './list-objects.ts'

/**
 * What is in the bucket, of whatever origin. For the audit alone: it needs `s3:ListBucket` and
 * `s3:ListBucketMultipartUploads`, which the serving identity does not have.
 *
 * All of them throw `storage_unavailable` when S3 does not answer, and {@link MayNotList} when it refuses.
 */
export interface BucketListing {
  /**
   * Every object below `prefix`, in the order of UTF-8 bytes, in pages of up to a thousand. The next page is on its
   * way while one is read: two pages are in memory, however many objects there are.
   */
  objects(prefix: string): AsyncGenerator<ListedObject[]>
  /** What the bucket holds at exactly this key, asked now. */
  object(key: string): Promise<ListedObject | undefined>
  /** Multipart uploads in progress below `prefix`, in pages. */
  multiparts(prefix: string): AsyncGenerator<OpenMultipart[]>
  close(): void
}

/** S3 answered, and refused for want of a permission. */
export class MayNotList extends Error {
  readonly action: string

  constructor(action: string, cause: unknown) {
    super(`The bucket may not be listed with this key: it needs ${action}.`, { cause })
    this.action = action
  }
}

const largestPage = 1000

/** @param bucket with credentials that may list */
export function createBucketListing(bucket: LocatedBucket): BucketListing {
  const agents = createAgents(bucket.proxy)
  const { name, region = 'us-east-1', endpoint, fips, dualStack } = bucket
  const credentials = credentialsOf({ credentials: bucket.credentials, region, agents })
  const signer = createHeaderSigner({ bucket: name, region, endpoint, fips, dualStack, credentials })
  const sender = createSender(signer, { now: Date.now, idle: idleTimeout, agents })

  const page = (prefix: string, most: number, after?: string): Promise<ObjectPage> =>
    ask('s3:ListBucket', (signal) => listObjects(sender, { prefix, most, after, signal }))

  return {
    async *objects(prefix) {
      let coming: Promise<ObjectPage> | undefined = page(prefix, largestPage)
      while (coming) {
        const { objects, next }: ObjectPage = await coming
        coming = next === undefined ? undefined : page(prefix, largestPage, next)
        // It is awaited one page later: a failure until then must not count as unhandled.
        coming?.catch(() => {})
        yield objects
      }
    },

    // The key itself sorts first among all that begin with it.
    object: async (key) => (await page(key, 1)).objects.find((one) => one.key === key),

    async *multiparts(prefix) {
      let after: MultipartMarker | undefined
      do {
        const current: Awaited<ReturnType<typeof listMultiparts>> = await ask(
          's3:ListBucketMultipartUploads',
          (signal) => listMultiparts(sender, { prefix, after, signal }),
        )
        yield current.uploads
        after = current.next
      } while (after)
    },

    close: () => sender.close(),
  }
}

/** A listing is a thousand requests and more, and begins anew when one is given up. */
const patience = { within: 30_000, tries: 5, safe: true, unanswered: true }

async function ask<T>(action: string, work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
  let denied: unknown
  const answer = await unavailableOnError(
    'list',
    async (signal) => {
      try {
        return { value: await work(signal) }
      } catch (error) {
        if (!isDenied(error) && !isNotOffered(error)) throw error
        denied = error
        return undefined
      }
    },
    patience,
  )
  if (answer === undefined) throw new MayNotList(action, denied)
  return answer.value
}
