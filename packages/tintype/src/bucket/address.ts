import { S3Client } from '@aws-sdk/client-s3'
import { encode } from './percent.ts'

/** Where requests for one bucket go. */
export interface Address {
  origin: string
  host: string
  /** Of the bucket, with a slash at its end. */
  path: string
}

/** @param place.endpoint undefined: AWS, by the SDK's own rules. Otherwise path style below this address. */
export function addressOf({
  bucket,
  region,
  endpoint,
  pathStyle = false,
}: {
  bucket: string
  region: string
  endpoint: string | undefined
  pathStyle?: boolean
}): Address {
  const url = endpoint === undefined ? addressOnAws(bucket, region, pathStyle) : new URL(endpoint)
  const path = url.pathname.replace(/\/$/, '')
  return {
    origin: url.origin,
    host: url.host,
    path: endpoint === undefined ? `${path}/` : `${path}/${encode(bucket)}/`,
  }
}

/** Each partition of AWS has a domain of its own, and a bucket with a dot in its name no certificate. */
function addressOnAws(Bucket: string, Region: string, ForcePathStyle: boolean): URL {
  const client = new S3Client({ region: Region })
  try {
    return client.config.endpointProvider({ ...noVariants, Bucket, Region, ForcePathStyle }).url
  } finally {
    client.destroy()
  }
}

const noVariants = {
  UseFIPS: false,
  UseDualStack: false,
  Accelerate: false,
  UseGlobalEndpoint: false,
  DisableMultiRegionAccessPoints: true,
}
