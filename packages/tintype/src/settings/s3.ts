import { followsProxies, type ProxySettings } from '../bucket/agents.ts'
import type { BucketOptions } from '../bucket/bucket.ts'
import { type Encryption, encryptionAlgorithms } from '../bucket/encryption.ts'
import { ConfigError } from './error.ts'

/** A variable's value without space around it; undefined where it is not set or empty. */
type Read = (name: string) => string | undefined

/** `S3_SSE`, `S3_SSE_KMS_KEY_ID` and `S3_SSE_BUCKET_KEY`. @throws {ConfigError} */
export function readEncryption(read: Read, onOff: (name: string) => boolean | undefined) {
  const value = read('S3_SSE')
  const kmsKeyId = read('S3_SSE_KMS_KEY_ID')
  const bucketKey = onOff('S3_SSE_BUCKET_KEY')
  const algorithm = encryptionAlgorithms.find((one) => one === value)
  if (value !== undefined && algorithm === undefined) {
    throw new ConfigError(`S3_SSE is "${value}"; it has to be ${encryptionAlgorithms.join(', ')}.`)
  }
  const ofKms = kmsKeyId !== undefined || bucketKey !== undefined
  if (ofKms && (algorithm === undefined || algorithm === 'AES256')) {
    const name = kmsKeyId === undefined ? 'S3_SSE_BUCKET_KEY' : 'S3_SSE_KMS_KEY_ID'
    throw new ConfigError(`${name} is set, but S3_SSE does not name KMS: set S3_SSE to aws:kms too.`)
  }
  if (kmsKeyId !== undefined && !/^[\w:/-]{1,2048}$/.test(kmsKeyId)) {
    throw new ConfigError('S3_SSE_KMS_KEY_ID has to be the id or the ARN of a KMS key.')
  }
  return algorithm && ({ algorithm, kmsKeyId, bucketKey } satisfies Encryption)
}

/**
 * The proxies that most programs follow. The lower-case names come first, as in curl.
 * @param node version of Node
 * @throws {ConfigError} for what is no proxy's address, and where this Node can't follow one
 */
export function readProxies(read: Read, node: string): ProxySettings | undefined {
  const either = (name: string) => read(name.toLowerCase()) ?? read(name)
  const found = { HTTP_PROXY: either('HTTP_PROXY'), HTTPS_PROXY: either('HTTPS_PROXY') }
  if (found.HTTP_PROXY === undefined && found.HTTPS_PROXY === undefined) return undefined
  const NO_PROXY = either('NO_PROXY')
  if (NO_PROXY === '*') return undefined
  for (const [name, value] of Object.entries(found)) {
    if (value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) continue
    // Never the value: it may hold a password.
    throw new ConfigError(`${name} has to be the address of a proxy, such as http://proxy.example:3128.`)
  }
  if (!followsProxies(node)) {
    throw new ConfigError(
      `HTTP_PROXY or HTTPS_PROXY is set, but Node ${node} does not follow them: install Node 24.5 or later, or set NO_PROXY to * if S3 is reached without a proxy.`,
    )
  }
  return { ...found, NO_PROXY }
}

/** As `aws configure export-credentials` writes it: an ISO 8601 date. @throws {ConfigError} */
export function readExpiration(name: string, value: string): Date {
  const date = new Date(value)
  if (!Number.isNaN(date.getTime())) return date
  throw new ConfigError(`${name} has to be a date such as 2026-11-28T09:30:00Z.`)
}

/** What an app says of its bucket, beside names and addresses; without types it may say anything. @throws {ConfigError} */
export function checkBucketOptions({ encryption, multipart, requireChecksum }: BucketOptions): void {
  for (const [name, value] of Object.entries({ multipart, requireChecksum })) {
    if (value === undefined || typeof value === 'boolean') continue
    throw new ConfigError(`bucket.${name} has to be true or false.`)
  }
  if (encryption === undefined) return
  const { algorithm, kmsKeyId, bucketKey } = Object(encryption) as Encryption
  if (!encryptionAlgorithms.includes(algorithm)) {
    throw new ConfigError(`bucket.encryption.algorithm has to be ${encryptionAlgorithms.join(', ')}.`)
  }
  if (algorithm === 'AES256' && (kmsKeyId !== undefined || bucketKey !== undefined)) {
    throw new ConfigError('bucket.encryption names a KMS key, but its algorithm is AES256: take aws:kms.')
  }
}
