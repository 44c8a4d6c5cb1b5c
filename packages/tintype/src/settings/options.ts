import type { BucketOptions } from '../bucket/bucket.ts'
import type { TintypeOptions } from '../options.ts'
import { ConfigError } from './error.ts'
import { readAccept, readClaimWithin, readLimits } from './limits.ts'
import { checkBucketOptions } from './s3.ts'
import { readBucketName, readDatabase, readFolder, readKeyPrefix, readRegion } from './storage.ts'
import { readTimes } from './times.ts'
import { readEndpoint, readOrigin, readPublicUrl } from './urls.ts'

/**
 * The options of an app that say where things are and how long they last, by the rules that hold for the variables of the
 * ready server too.
 *
 * @returns `bucket` undefined: it was left out
 * @throws {ConfigError} also for an option that is named but has no value: mostly a variable was not set, and what is
 * meant for a bucket must not end up on the server's disk
 */
export function readPlaces(options: TintypeOptions) {
  const { directory, publicUrl, origins = [], times = {}, authenticate } = options
  if (!Array.isArray(origins))
    throw new ConfigError("origins has to be a list, such as ['http://localhost:5173'].")
  if (authenticate !== undefined && typeof authenticate !== 'function') {
    throw new ConfigError('authenticate has to be a function that says who asks: an id, or null for nobody.')
  }
  return {
    bucket: isNamed(options, 'bucket', 'a bucket') ? readBucket(options.bucket) : undefined,
    database: isNamed(options, 'database', 'a database')
      ? readDatabase('database', String(options.database))
      : undefined,
    directory: directory === undefined ? './data' : readFolder('directory', directory),
    publicUrl: publicUrl === undefined ? undefined : readPublicUrl('publicUrl', publicUrl),
    origins: origins.map((origin) => readOrigin('origins', origin)),
    times: readTimes(times),
    limits: readLimits(options.limits),
    accept: readAccept(options.accept),
    claimWithin: readClaimWithin(options.claimWithin),
  }
}

function readBucket(bucket: string | BucketOptions): BucketOptions {
  const given = typeof bucket === 'string' ? { name: bucket } : bucket
  if (typeof given.name !== 'string' || given.name.trim() === '') {
    throw new ConfigError('bucket.name has no value: was a variable not set? Give the name of a bucket.')
  }
  const { name, prefix, region, endpoint, publicEndpoint } = given
  const rules = { aws: endpoint === undefined }
  readBucketName('bucket', name, rules)
  if (prefix !== undefined) readKeyPrefix('bucket.prefix', String(prefix))
  if (region !== undefined) readRegion('bucket.region', region, rules)
  if (endpoint !== undefined) readEndpoint('bucket.endpoint', endpoint)
  if (publicEndpoint !== undefined) readEndpoint('bucket.publicEndpoint', publicEndpoint)
  checkBucketOptions(given)
  return given
}

function isNamed<Name extends 'bucket' | 'database'>(
  options: TintypeOptions,
  name: Name,
  what: string,
): options is TintypeOptions & Required<Pick<TintypeOptions, Name>> {
  if (!Object.hasOwn(options, name)) return false
  const value: unknown = options[name]
  if (value !== undefined && value !== null && value !== '') return true
  throw new ConfigError(
    `${name} is given, but has no value: was a variable not set? Name ${what}, or leave the option out to keep everything in ${options.directory ?? './data'}.`,
  )
}
