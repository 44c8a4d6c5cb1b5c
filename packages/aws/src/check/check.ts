import type { BucketOptions } from 'tintype/internal/bucket/bucket'
import { type Finding, failed, ok, skipped } from 'tintype/internal/bucket/finding'
import { isFundamental, s3Trouble } from 'tintype/internal/bucket/remedy'
import { errorCode, errorStatus } from '../clients.ts'
import { clockIsRight } from './clock.ts'
import { denied, otherBucket } from './denied.ts'
import { deleted, NothingWorks, needed } from './needed.ts'
import { outside } from './outside.ts'
import { preflight } from './preflight.ts'
import { createSubject, type Subject } from './subject.ts'

export interface CheckOptions {
  /** With the app's own credentials. */
  bucket: BucketOptions
  /** Whether the two actions for multipart uploads are needed, or must be denied. */
  multipart: boolean
  /** Pages that upload straight to the bucket. */
  origins: readonly string[]
  /** An object that the key must not reach. */
  other?: { bucket: string; key: string } | undefined
  /**
   * What it is when the key may do more than it needs. `failed`: also what would change the bucket is tried.
   * `warned`: for services whose keys can't be as narrow.
   */
  excess: 'failed' | 'warned' | 'ignored'
  /** Whether there is an IAM, which knows the key's owner and has to deny its actions. */
  iam: boolean
  /** Milliseconds since the epoch. */
  now(): number
}

/**
 * Checks with the app's own key, on probe objects which it deletes again, that the app can do what it needs and nothing
 * more, that nothing is public, and that browsers can do what they need.
 */
export async function* checkBucket(options: CheckOptions): AsyncGenerator<Finding> {
  const subject = createSubject(options.bucket)
  try {
    yield* everything(subject, options)
    yield await deleted(subject)
  } catch (error) {
    if (error instanceof NothingWorks) yield error.finding
    else if (isFundamental(error)) yield troubled('the bucket can be reached', error)
    else throw error
    await deleted(subject)
  } finally {
    subject.close()
  }
}

async function* everything(subject: Subject, options: CheckOptions): AsyncGenerator<Finding> {
  const { origins, other, iam, excess, multipart, now } = options
  const clock = await clockIsRight(await subject.address('clock'), now)
  // Signatures are refused then, and whatever else is found comes of it.
  if (clock.verdict === 'failed') throw new NothingWorks(clock)
  yield clock
  const identity = iam ? yield* whoami(subject) : unknown
  if (identity === undefined) return
  const strict = excess === 'failed'
  const Key = yield* needed(subject, { multipart, strict })
  if (Key === undefined) return
  if (excess !== 'ignored')
    yield* denied(
      { subject, Key, identity },
      {
        multipart,
        strict,
        iam: identity !== unknown,
        prefix: options.bucket.prefix ?? '',
      },
    )
  if (other) yield* otherBucket(subject, other)
  yield* outside(subject, Key)
  for (const origin of origins) yield* preflight(subject, origin, Key)
}

interface Identity {
  type: 'user' | 'role'
  name: string
}

/** Without IAM, or out of its reach. */
const unknown: Identity = { type: 'user', name: '' }

/** The owner of the key: never the root user. Skipped where STS can't be reached. */
async function* whoami({ aws }: Subject): AsyncGenerator<Finding, Identity | undefined> {
  const what = 'the key belongs to a user or a role'
  let arn: string
  try {
    ;({ arn } = await aws.identity())
  } catch (error) {
    if (errorStatus(error) !== undefined || errorCode(error) === 'CredentialsProviderError') {
      throw new NothingWorks(troubled(what, error))
    }
    yield skipped(
      `${what}, which may do nothing with IAM`,
      `STS can't be reached: ${s3Trouble(error).detail}`,
    )
    return unknown
  }
  // A role's sessions: arn:aws:sts::123456789012:assumed-role/ROLE/SESSION
  const [, type, name] =
    /:(user|assumed-role)\/(?:.*\/)?([^/]+)$/.exec(arn.replace(/(:assumed-role\/[^/]+)\/.*/, '$1')) ?? []
  if (name === undefined) {
    yield failed(
      what,
      arn,
      'The key of the account itself may do everything: `tintype aws apply` makes a user.',
    )
    return undefined
  }
  yield ok(what, arn)
  return { type: type === 'user' ? 'user' : 'role', name }
}

function troubled(what: string, error: unknown): Finding {
  const { detail, remedy } = s3Trouble(error)
  return failed(what, detail, remedy)
}
