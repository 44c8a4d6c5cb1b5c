import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { ConfigError } from '../settings/error.ts'
import { addressOf } from './address.ts'
import type { BucketOptions } from './client.ts'

/**
 * The same bucket, with the endpoint that the AWS SDK has been told of elsewhere: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
 * the profile's `endpoint_url`, FIPS and dual-stack endpoints. The SDK itself is asked where it would send a request,
 * so that what is signed here for browsers leads to the same place as what is sent from here.
 *
 * @throws {ConfigError} when what it has been told is no address
 */
export async function locate(options: BucketOptions): Promise<BucketOptions> {
  if (options.endpoint !== undefined) return options
  const { name: bucket, region = 'us-east-1' } = options
  const { protocol, hostname, port, path } = await whereTheSdkSends(bucket, region)
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`)
  if (url.origin === addressOf({ bucket, region, endpoint: undefined, pathStyle: true }).origin)
    return options
  const endpoint = url.href.slice(0, url.href.lastIndexOf(`/${bucket}`))
  return { ...options, endpoint }
}

const noAddress =
  'AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or endpoint_url of the AWS profile is no address of a service: write one such as https://s3.example, or set S3_ENDPOINT.'

interface SdkRequest {
  protocol: string
  hostname: string
  port?: number
  path: string
}

async function whereTheSdkSends(Bucket: string, region: string): Promise<SdkRequest> {
  let seen: SdkRequest | undefined
  const client = new S3Client({
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: SdkRequest) => {
        seen = request
        throw new Error('Nothing is sent.')
      },
    } as never,
  })
  try {
    await client.send(new HeadBucketCommand({ Bucket }))
  } catch (cause) {
    // What it says may hold a password.
    if (!seen) throw new ConfigError(noAddress, { cause })
  } finally {
    client.destroy()
  }
  return seen as SdkRequest
}
