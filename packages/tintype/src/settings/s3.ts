import { followsProxies, type ProxySettings } from '../bucket/agents.ts'
import type { Encryption } from '../bucket/encryption.ts'
import { ConfigError } from './error.ts'

/** A variable's value without space around it; undefined where it is not set or empty. */
type Read = (name: string) => string | undefined

/**
 * A key of KMS is named to KMS alone.
 * @param name what each of them is called where it was set
 * @throws {ConfigError}
 */
export function checkEncryption(
  { algorithm, kmsKeyId, bucketKey }: Partial<Encryption>,
  name: (option: keyof Encryption) => string,
): void {
  const ofKms = kmsKeyId !== undefined ? 'kmsKeyId' : bucketKey !== undefined ? 'bucketKey' : undefined
  if (ofKms === undefined || (algorithm !== undefined && algorithm !== 'AES256')) return
  throw new ConfigError(
    `${name(ofKms)} is set, but ${name('algorithm')} does not name KMS: set that to aws:kms too.`,
  )
}

/** @throws {ConfigError} */
export function readKmsKey(name: string, value: string): string {
  if (/^[\w:/-]{1,2048}$/.test(value)) return value
  throw new ConfigError(`${name} has to be the id or the ARN of a KMS key.`)
}

/** @throws {ConfigError} without the value: it may hold a password */
export function readProxy(name: string, value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw new ConfigError(`${name} has to be the address of a proxy, such as http://proxy.example:3128.`)
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
  for (const [name, value] of Object.entries(found)) if (value !== undefined) readProxy(name, value)
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
