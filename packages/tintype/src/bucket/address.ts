import { isVirtualHostableS3Bucket, partition } from '@aws-sdk/core/client'
import { ConfigError } from '../settings/error.ts'
import { encode } from './percent.ts'

/** Where requests for one bucket go. */
export interface Address {
  origin: string
  host: string
  /** Of the bucket, with a slash at its end. */
  path: string
}

export interface Place {
  bucket: string
  region: string
  /** Undefined: AWS, by the SDK's own rules. Otherwise path style below this address. */
  endpoint: string | undefined
  /** Of AWS's endpoints, those that are validated by FIPS 140. */
  fips?: boolean | undefined
  /** Of AWS's endpoints, those that have IPv6 addresses too. */
  dualStack?: boolean | undefined
}

/** @throws {ConfigError} for a bucket that is none, and for what AWS does not offer there */
export function addressOf(place: Place): Address {
  const { bucket, endpoint } = place
  if (endpoint === undefined) return addressOnAws(place)
  const url = new URL(endpoint)
  return { origin: url.origin, host: url.host, path: `${url.pathname.replace(/\/$/, '')}/${encode(bucket)}/` }
}

/**
 * By the rules of the SDK's S3 client, whose table of partitions this reads: each has a domain of its own. A bucket with
 * a dot in its name has no certificate as a host, so it goes into the path.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
function addressOnAws({ bucket, region, fips = false, dualStack = false }: Place): Address {
  refuseOtherThanBuckets(bucket)
  const { name, dnsSuffix } = partition(region)
  if (fips && name === 'aws-cn') {
    throw new ConfigError('AWS has no FIPS endpoints in China: take AWS_USE_FIPS_ENDPOINT away.')
  }
  const service = `s3${fips ? '-fips' : ''}${dualStack ? '.dualstack' : ''}.${region}.${dnsSuffix}`
  const inHost = isVirtualHostableS3Bucket(bucket, false)
  const host = inHost ? `${bucket}.${service}` : service
  return { origin: `https://${host}`, host, path: inHost ? '/' : `/${encode(bucket)}/` }
}

/** These go to other hosts, with other signatures and permissions. */
function refuseOtherThanBuckets(bucket: string): void {
  const kind = others.find(([form]) => form.test(bucket))?.[1]
  if (kind !== undefined) {
    throw new ConfigError(`"${bucket}" is ${kind}, which can't be used here: give the name of a bucket.`)
  }
}

const others = [
  [/^arn:/, 'an ARN'],
  [/-s3alias$|\.mrap$|--xa-s3$/, 'an access point'],
  [/--ol-s3$/, 'an Object Lambda access point'],
  [/--op-s3$/, 'an access point on Outposts'],
  [/--x-s3$/, 'a directory bucket of S3 Express'],
  [/--table-s3$/, 'a table bucket'],
] as const
