import { randomUUID } from 'node:crypto'
import { GetObjectCommand, type PutObjectCommand, type ServerSideEncryption } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { BucketOptions } from 'tintype/internal/bucket/bucket'
import type { Encryption } from 'tintype/internal/bucket/encryption'
import { checkKey } from 'tintype/internal/bucket/keys'
import { type Aws, createAws } from '../clients.ts'

/** What is checked: a bucket, with the app's own key and settings. */
export interface Subject {
  aws: Aws
  options: BucketOptions
  bucket: string
  region: string
  /** Undefined: AWS itself. */
  endpoint: string | undefined
  /** Encryption headers of each request that makes an object, in the SDK's names. */
  encryption: {
    ServerSideEncryption?: ServerSideEncryption
    SSEKMSKeyId?: string
    BucketKeyEnabled?: boolean
  }
  /** A key for a probe; objects there are deleted in the end. */
  probe(): string
  probes(): readonly string[]
  /** For five minutes, under the name that browsers reach. */
  presign(command: GetObjectCommand | PutObjectCommand, signed?: readonly string[]): Promise<string>
  /** The address of an object, unsigned. */
  address(key: string): Promise<string>
  close(): void
}

export function createSubject(options: BucketOptions): Subject {
  const { name: bucket, region = 'us-east-1', endpoint, publicEndpoint, credentials, proxy } = options
  const aws = createAws({ region, endpoint, credentials, proxy })
  const outside =
    publicEndpoint === undefined ? aws : createAws({ region, endpoint: publicEndpoint, credentials, proxy })
  const probes: string[] = []
  const presign: Subject['presign'] = (command, signed = []) =>
    // The types of the presigner's own copy of the client differ in name only.
    getSignedUrl(outside.s3 as never, command as never, {
      expiresIn: 300,
      signableHeaders: new Set(['host', ...signed]),
      unhoistableHeaders: new Set(signed),
    })
  return {
    aws,
    options,
    bucket,
    region,
    endpoint,
    encryption: inSdkNames(options.encryption),
    probe() {
      const key = checkKey(randomUUID(), options.prefix)
      probes.push(key)
      return key
    },
    probes: () => probes,
    presign,
    async address(key) {
      const { origin, pathname } = new URL(await presign(new GetObjectCommand({ Bucket: bucket, Key: key })))
      return origin + pathname
    },
    close() {
      aws.close()
      outside.close()
    },
  }
}

function inSdkNames(encryption: Encryption | undefined): Subject['encryption'] {
  if (encryption === undefined) return {}
  const { algorithm, kmsKeyId, bucketKey } = encryption
  return {
    ServerSideEncryption: algorithm,
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    ...(bucketKey === undefined ? {} : { BucketKeyEnabled: bucketKey }),
  }
}
