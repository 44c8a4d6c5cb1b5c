import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { type Finding, failed, ok, skipped, warned } from 'tintype/internal/bucket/finding'
import { errorCode, errorStatus } from '../clients.ts'
import { type Extent, forbidden, type Target } from './forbidden.ts'
import type { Subject } from './subject.ts'

/**
 * Checks that what the app must not do is denied. If the extent is not strict, keys can't be restricted as far as on AWS,
 * and what is allowed is a warning.
 */
export async function* denied(
  target: Omit<Target, 's3' | 'Bucket'>,
  extent: Extent,
): AsyncGenerator<Finding> {
  const { subject } = target
  const whole = { ...target, s3: subject.aws.s3, Bucket: subject.bucket }
  for (const { action, what, attempt } of forbidden(extent)) {
    yield findingOf(`may not ${what} (${action})`, action, await outcome(attempt(whole)), extent.strict)
  }
}

/** @param other a bucket, and an object in it, that the app must not reach */
export async function* otherBucket(
  { aws: { s3 }, probe }: Subject,
  { bucket: Bucket, key }: { bucket: string; key: string },
): AsyncGenerator<Finding> {
  const Key = probe()
  const put = await outcome(s3.send(new PutObjectCommand({ Bucket, Key, Body: 'probe' })))
  if (put === 'done') await s3.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => {})
  yield findingOf(`may not put into ${Bucket}`, `s3:PutObject on ${Bucket}`, put, true)
  const got = await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: key })))
  yield findingOf(`may not read ${Bucket}/${key}`, `s3:GetObject on ${Bucket}`, got, true)
  const listed = await outcome(s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
  yield findingOf(`may not list ${Bucket}`, `s3:ListBucket on ${Bucket}`, listed, true)
}

type Outcome = 'denied' | 'done' | { code: string; status: number | undefined }

async function outcome(attempt: Promise<unknown>): Promise<Outcome> {
  try {
    await attempt
    return 'done'
  } catch (error) {
    const [code, status] = [errorCode(error), errorStatus(error)]
    return status === 403 || /^AccessDenied/.test(code) ? 'denied' : { code, status }
  }
}

/** S3 checks permissions first: any answer but "denied" means that the action is allowed. */
function findingOf(what: string, action: string, came: Outcome, strict: boolean): Finding {
  if (came === 'denied') return ok(what)
  if (came !== 'done' && (came.status === 501 || came.status === 405)) return skipped(what, 'not served here')
  if (came !== 'done' && (came.status === undefined || came.status >= 500)) {
    return failed(
      what,
      `no clear answer: ${came.status ?? ''} ${came.code}`,
      'Try again; look at the state of the service.',
    )
  }
  const detail = came === 'done' ? 'it may' : `it may (${came.code})`
  return (strict ? failed : warned)(
    what,
    detail,
    `Take ${action} out of the policies of this key; the app never needs it.`,
  )
}
