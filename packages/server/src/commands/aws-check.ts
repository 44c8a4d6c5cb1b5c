import { checkBucket, type Paint } from '@tintype/aws'
import { followProxies } from 'tintype/internal/bucket/agents'
import { type Finding, failed } from 'tintype/internal/bucket/finding'
import { locate } from 'tintype/internal/bucket/locate'
import { systemClock } from 'tintype/internal/clock'
import { type Config, ConfigError, loadConfig, overriddenInEnvironment } from '../config.ts'
import type { AwsArguments } from './aws-arguments.ts'
import { printFindings } from './findings.ts'
import { UsageError } from './usage.ts'

/** `tintype aws check`: what the server may do, with the settings that the server would read. */
export async function awsCheck(args: AwsArguments, paint: Paint): Promise<number> {
  const config = loadConfig()
  if (config.bucket === undefined) {
    throw new ConfigError(
      'There is no S3_BUCKET in .env or the environment. `tintype aws apply` sets one up.',
    )
  }
  const bucket = await locate(config.bucket)
  followProxies(bucket.proxy)
  const { name, region, endpoint } = bucket
  const where = endpoint === undefined ? (region ?? 'us-east-1') : endpoint
  console.log(`${paint('bold', `${name} at ${where}`)}\n`)
  return printFindings(findings(args, config, bucket), paint)
}

async function* findings(
  args: AwsArguments,
  config: Config,
  bucket: NonNullable<Config['bucket']>,
): AsyncGenerator<Finding> {
  yield* overridden()
  yield* checkBucket({
    bucket,
    multipart: args.multipart ?? bucket.multipart ?? true,
    origins: args.origin ?? originsOf(config),
    other: readOther(args.other),
    excess: 'failed',
    iam: true,
    now: systemClock.now,
  })
}

/** Settings in the environment that override `.env`: with an administrator's key there, the server would run with it. */
export function* overridden(): Generator<Finding> {
  const names = overriddenInEnvironment()
  if (names.length === 0) return
  yield failed(
    '.env counts',
    `the environment has another ${names.join(', ')}, and wins`,
    `Unset ${names.length > 1 ? 'them' : 'it'} in this shell (\`unset ${names.join(' ')}\`), or take it out of .env.`,
  )
}

/** The public address, if there is one. */
export function originsOf({ publicUrl }: Config): string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).origin]
}

function readOther(value: string | undefined): { bucket: string; key: string } | undefined {
  if (value === undefined) return undefined
  const [, bucket, key] = /^([^/]+)\/(.+)$/.exec(value) ?? []
  if (bucket !== undefined && key !== undefined) return { bucket, key }
  throw new UsageError('--other is BUCKET/KEY: an object that exists and that the key must not reach.')
}
