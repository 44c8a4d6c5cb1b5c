import { type BucketOptions, createBucket } from 'tintype/internal/bucket/bucket'
import { type Finding, failed } from 'tintype/internal/bucket/finding'
import { checkKey } from 'tintype/internal/bucket/keys'
import { locate } from 'tintype/internal/bucket/locate'
import { isFundamental, s3Trouble } from 'tintype/internal/bucket/remedy'
import type { Log } from 'tintype/internal/log'
import { isolation } from 'tintype/internal/workers/isolation'
import type { Config } from '../config.ts'
import { childIsolation, scarceDisk } from './local.ts'
import { publicAddress } from './public-address.ts'

/**
 * The short form of `tintype doctor`, at every start of the server: writes nothing, sends one request to S3, and logs
 * what is wrong and what to do. It never stops the start: the problem may be fixed at any moment.
 */
export async function checkAtStart(
  config: Config,
  {
    log,
    now,
    signal,
    hasPeople = false,
  }: { log: Log; now: () => number; signal: AbortSignal; hasPeople?: boolean },
): Promise<void> {
  try {
    for (const finding of [
      publicAddress(config, hasPeople),
      childIsolation(await isolation(), process.platform),
      await scarceDisk(config),
      config.bucket && (await bucketAnswers(config.bucket, now, signal)),
    ]) {
      if (
        finding === undefined ||
        finding.verdict === 'ok' ||
        finding.verdict === 'skipped' ||
        signal.aborted
      )
        continue
      const { what, detail, remedy } = finding
      log[finding.verdict === 'failed' ? 'error' : 'warn']('doctor.found', { what, detail, remedy })
    }
  } catch (error) {
    log.warn('doctor.failed', { error })
  }
}

/** Reads an object that doesn't exist: S3 checks key, signature, clock, region and bucket before it says so. */
async function bucketAnswers(
  options: BucketOptions,
  now: () => number,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const bucket = createBucket(await locate(options), { signReadTtl: 60, now })
  try {
    await bucket.open(checkKey('start', options.prefix), { signal })
  } catch (error) {
    if (!isFundamental(error)) return undefined
    const { detail, remedy } = s3Trouble(error)
    return failed(`bucket ${options.name}`, detail, remedy)
  } finally {
    bucket.close()
  }
}
