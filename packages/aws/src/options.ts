import { partition } from '@aws-sdk/core/client'
import type { ProxySettings } from 'tintype/internal/bucket/agents'

/** What to set up, checked before anything is sent: see {@link readOptions}. */
export interface SetupOptions {
  /** Name of the bucket. */
  bucket: string
  /** What the app's keys begin with, '' for none. */
  prefix: string
  /** Region of the bucket. */
  region: string
  /** The user or role that the app runs as. */
  identity: { type: 'user'; name: string } | { type: 'role'; name: string; trust: Trust }
  /** Pages that talk to the bucket directly, e.g. `https://photos.example`. */
  origins: readonly string[]
  /** Whether files go to S3 in parts: two more actions. */
  multipart: boolean
  /** Of an S3-compatible service. */
  endpoint: string | undefined
  /** On the way to AWS. */
  proxy: ProxySettings | undefined
  /** Whether requests without TLS are refused. False where the endpoint has none. */
  tlsOnly: boolean
  /** Days after which S3 aborts multipart uploads that were not completed. */
  abortDays: number
  /** A second user for `tintype audit`, which lists the bucket. */
  audit: boolean
}

/**
 * Two Tintypes that share a bucket have policies, users and rules of their own.
 * @example suffixOf('photos/') // '-photos'
 */
export function suffixOf(prefix: string): string {
  return prefix === '' ? '' : `-${prefix.slice(0, -1).replaceAll('/', '-')}`
}

/** The principal that may assume the role: a service of AWS that runs the server, or the ARN of a principal. */
export type Trust = keyof typeof services | `arn:${string}`

export const services = {
  ec2: 'ec2.amazonaws.com',
  ecs: 'ecs-tasks.amazonaws.com',
  eks: 'pods.eks.amazonaws.com',
  lambda: 'lambda.amazonaws.com',
} as const

/** The setup can't be done, or AWS refused it; the message says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export interface AskedFor {
  bucket: string | undefined
  region: string | undefined
  /** As `readKeyPrefix` takes it. */
  prefix?: string | undefined
  user?: string | undefined
  role?: string | undefined
  trust?: string | undefined
  origins?: readonly string[] | undefined
  multipart?: boolean | undefined
  audit?: boolean | undefined
  endpoint?: string | undefined
  proxy?: ProxySettings | undefined
  /** How long a direct upload may take, in seconds. @default 86400 */
  session?: number | undefined
}

const day = 86_400

/**
 * Checks what was asked for and fills in the defaults.
 *
 * @throws {SetupError} names what is wrong and what would be right
 * @example readOptions({ bucket: 'my-photos', region: 'eu-central-1' }).identity // a user, tintype-my-photos
 */
export function readOptions(asked: AskedFor): SetupOptions {
  const {
    bucket = '',
    region = 'us-east-1',
    prefix = '',
    user,
    role,
    origins = [],
    multipart = true,
    audit = false,
    session = day,
  } = asked
  const problem = bucketNameProblem(bucket)
  if (problem !== undefined) throw new SetupError(problem)
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    throw new SetupError(`--region is "${region}"; it has to be one such as eu-central-1.`)
  }
  if (user !== undefined && role !== undefined) {
    throw new SetupError('--user and --role exclude each other: with a role there are no keys at all.')
  }
  if (asked.trust !== undefined && role === undefined) {
    throw new SetupError('--trust says who may take on a role: name one with --role.')
  }
  return {
    bucket,
    prefix,
    region,
    identity:
      role === undefined
        ? { type: 'user', name: checkName('--user', user ?? `tintype-${bucket}${suffixOf(prefix)}`) }
        : { type: 'role', name: checkName('--role', role), trust: readTrust(asked.trust) },
    origins: [...new Set(origins.map(checkOrigin))],
    multipart,
    endpoint: asked.endpoint,
    proxy: asked.proxy,
    tlsOnly: asked.endpoint === undefined || asked.endpoint.startsWith('https:'),
    // One is the least that S3 takes; what may still be going on is not aborted.
    abortDays: Math.max(1, Math.ceil(session / day)),
    audit,
  }
}

/**
 * What ARNs begin with, by the SDK's own table. Clouds that AWS keeps apart (China, governments, Europe's own) are
 * partitions of their own.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export function partitionOf(region: string): string {
  return partition(region).name
}

/**
 * Why S3 would not take the name, as a sentence.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function bucketNameProblem(name: string): string | undefined {
  const wrong = (what: string) => `The bucket can't be called "${name}": ${what}.`
  if (name === '') return 'Name the bucket: --bucket NAME.'
  if (name.length < 3 || name.length > 63)
    return wrong(`a name has 3 to 63 characters, this has ${name.length}`)
  if (!/^[a-z0-9.-]+$/.test(name)) return wrong('only a-z, 0-9, hyphens and dots are allowed')
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return wrong('a name begins and ends with a letter or a digit')
  if (name.includes('..')) return wrong('two dots may not follow each other')
  if (/^\d+(\.\d+){3}$/.test(name)) return wrong('it must not look like an IP address')
  const prefix = ['xn--', 'sthree-', 'amzn-s3-demo-'].find((one) => name.startsWith(one))
  if (prefix !== undefined) return wrong(`names that begin with ${prefix} are S3's own`)
  const suffix = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'].find((one) => name.endsWith(one))
  if (suffix !== undefined) return wrong(`names that end with ${suffix} are S3's own`)
  return undefined
}

function checkName(option: string, name: string): string {
  if (/^[\w+=,.@-]{1,64}$/.test(name)) return name
  throw new SetupError(
    `IAM would not take the name "${name}": 1 to 64 letters, digits and _+=,.@- are allowed. Choose one with ${option}.`,
  )
}

function checkOrigin(origin: string): string {
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined
  if (parsed && /^https?:$/.test(parsed.protocol) && origin.replace(/\/$/, '') === parsed.origin)
    return parsed.origin
  throw new SetupError(
    `--origin is "${origin}"; it has to be exactly what the browser sends, such as https://photos.example, without a path or *.`,
  )
}

function readTrust(trust = 'ec2'): Trust {
  if (Object.hasOwn(services, trust)) return trust as keyof typeof services
  if (/^arn:[\w-]+:(iam|sts)::\d{12}:./.test(trust)) return trust as `arn:${string}`
  throw new SetupError(
    `--trust is "${trust}"; it has to be ${Object.keys(services).join(', ')} or an ARN of IAM's.`,
  )
}
