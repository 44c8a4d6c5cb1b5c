import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { endLeases } from './events.ts'
import { auditor, type World } from './world.ts'

const day = 86_400_000

export interface SweepAllOptions {
  rounds?: number
  days?: number
  beforeDelete?: () => Promise<unknown>
}

/**
 * One full sweep by a new sweeper, with time moved instead of waited for: leases, grace periods, back-offs and
 * sessions are all over. Call it when no server of the world runs and nothing is on its way to S3.
 *
 * @param options.days how far time goes on before each of the rounds
 * @param options.beforeDelete what happens when a key is leased, and its object is still there
 */
export async function sweepAll(
  world: World,
  { rounds = 3, days = 2, beforeDelete = async () => {} }: SweepAllOptions = {},
): Promise<void> {
  const from = <T>(file: string) =>
    import(pathToFileURL(join(world.source, 'packages/tintype/src', file)).href) as Promise<T>
  const { openRecords } =
    await from<typeof import('../../packages/tintype/src/records/records.ts')>('records/records.ts')
  const { createBucket } =
    await from<typeof import('../../packages/tintype/src/bucket/bucket.ts')>('bucket/bucket.ts')
  const { createSweeper } =
    await from<typeof import('../../packages/tintype/src/sweep/sweeper.ts')>('sweep/sweeper.ts')

  let now = Date.now()
  const clock = { now: () => now, after: () => () => {} }
  const log = { info() {}, warn() {}, error() {} }
  const { S3_BUCKET = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = world.env
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const bucket = createBucket(
    { name: S3_BUCKET, endpoint: world.s3.url, credentials, auditCredentials: auditor },
    { signReadTtl: 60, now: clock.now },
  )
  const slowed: typeof bucket = {
    ...bucket,
    async delete(key) {
      await beforeDelete()
      return bucket.delete(key)
    },
  }
  const records = await openRecords(world.databaseUrl)
  try {
    const sweeper = createSweeper({ records, bucket: slowed, clock, log, grace: 1000 })
    // A key that may still be written to is deleted twice; the third round repeats a failure.
    for (let round = 0; round < rounds; round++) {
      now += days * day
      await sweeper.sweepDue()
    }
  } finally {
    await records.close()
    bucket.close()
  }
  await endLeases(world)
}
