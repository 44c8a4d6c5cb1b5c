import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { BucketOptions } from 'tintype/internal/bucket/bucket'
import { type CrashPoint, crashPoints } from 'tintype/internal/crash-points'
import { ConfigError } from 'tintype/internal/settings/error'
import { readEncryption, readExpiration, readProxies } from 'tintype/internal/settings/s3'
import {
  readBucketName,
  readDatabase,
  readFolder,
  readKeyPrefix,
  readRegion,
} from 'tintype/internal/settings/storage'
import { timeRanges } from 'tintype/internal/settings/times'
import { readToken } from 'tintype/internal/settings/token'
import { quoted, readEndpoint, readPublicUrl } from 'tintype/internal/settings/urls'
import type { TintypeOptions } from 'tintype/internal/tintype'

/** The ready server's settings, checked. The only reader of the environment. */
export interface Config {
  port: number
  host: string
  /** Where people reach the server, a path included. Undefined: by whatever name a request comes. */
  publicUrl: string | undefined
  /** Undefined: no sign-in, and only this machine can connect. */
  token: string | undefined
  directory: string
  database: string | undefined
  bucket: BucketOptions | undefined
  /** Of an identity that may list the bucket; undefined: the app's own is tried. */
  auditCredentials: BucketOptions['credentials']
  limits: NonNullable<TintypeOptions['limits']>
  times: NonNullable<TintypeOptions['times']>
  /** Seconds between SIGTERM and the port's closing, in which `/readyz` says no and everything else goes on. */
  shutdownDelay: number
  /** Where the process is to die, for crash tests. */
  crashAt: { point: CrashPoint; hits: number } | undefined
}

export { ConfigError }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment, and `.env` in the current folder for what the environment doesn't name.
 * @throws {ConfigError}
 */
export function loadConfig(): Config {
  return parseConfig({ ...readEnvFile('.env'), ...process.env })
}

/**
 * What `tintype aws` starts from, where there may be no bucket and no key yet.
 * @throws {ConfigError}
 */
export function loadPlace(): {
  bucket: string | undefined
  region: string | undefined
  endpoint: string | undefined
  prefix: string | undefined
  multipart: boolean | undefined
  proxy: BucketOptions['proxy']
  /** Seconds. */
  session: number | undefined
} {
  const env = { ...readEnvFile('.env'), ...process.env }
  const endpoint = checked(env, 'S3_ENDPOINT', readEndpoint)
  return {
    bucket: bucketName(env, endpoint),
    region: regionName(env, endpoint),
    endpoint,
    prefix: checked(env, 'S3_PREFIX', readKeyPrefix),
    multipart: onOff(env, 'S3_MULTIPART'),
    proxy: readProxies((name) => text(env, name), process.versions.node),
    session: time(env, 'SESSION_TTL', 'session'),
  }
}

/** Variables that the environment sets to something else than `.env` does, and so wins. @throws {ConfigError} */
export function overriddenInEnvironment(): string[] {
  return Object.entries(readEnvFile('.env'))
    .filter(([name, value]) => process.env[name] !== undefined && process.env[name] !== value)
    .map(([name]) => name)
}

/** What `tintype upload` takes from the environment: it is no server and may run far from one. */
export function loadSender(): {
  token: string | undefined
  /** Where programs of this user keep what they would like to find again. */
  stateDirectory: string
} {
  const env = { ...readEnvFile('.env'), ...process.env }
  const state =
    text(env, 'XDG_STATE_HOME') ??
    (process.platform === 'win32' ? text(env, 'LOCALAPPDATA') : undefined) ??
    join(homedir(), '.local/state')
  return { token: text(env, 'TINTYPE_TOKEN'), stateDirectory: join(state, 'tintype') }
}

/** @throws {ConfigError} */
export function parseConfig(env: Environment): Config {
  const token = checked(env, 'TINTYPE_TOKEN', readToken)
  const host = text(env, 'HOST') ?? '127.0.0.1'
  if (!/^[\w.-]+$|^[\da-f:.]*:[\da-f:.%\w]*$/i.test(host) || /^[\w.-]+:\d+$/.test(host)) {
    throw new ConfigError(
      `HOST${quoted(host)}; it has to be an address or a name alone, such as 0.0.0.0: the port is in PORT.`,
    )
  }
  if (token === undefined && !isLoopback(host)) {
    throw new ConfigError(
      `HOST is ${host}, but there is no TINTYPE_TOKEN: everybody who can reach it could see and delete your photos. ` +
        'Set TINTYPE_TOKEN to a long random text, or leave HOST at 127.0.0.1.',
    )
  }
  return {
    port: integer(env, 'PORT', 0, 65535) ?? 3000,
    host,
    publicUrl: parsePublicUrl(env),
    token,
    directory: checked(env, 'TINTYPE_DATA', readFolder) ?? './data',
    database: checked(env, 'DATABASE_URL', readDatabase),
    bucket: parseBucket(env),
    auditCredentials: keyPair(env, 'AUDIT_ACCESS_KEY_ID', 'AUDIT_SECRET_ACCESS_KEY'),
    limits: defined({
      imageBytes: bytes(env, 'MAX_PHOTO_BYTES'),
      videoBytes: bytes(env, 'MAX_VIDEO_BYTES'),
      pixels: integer(env, 'MAX_PIXELS', 1),
      frames: integer(env, 'MAX_FRAMES', 1),
      files: integer(env, 'MAX_FILES', 1, 1000),
      memory: bytes(env, 'MEMORY_BUDGET'),
    }),
    times: defined({
      uploadDeadline: time(env, 'UPLOAD_DEADLINE', 'uploadDeadline'),
      signRead: time(env, 'SIGN_READ_TTL', 'signRead'),
      signWrite: time(env, 'SIGN_WRITE_TTL', 'signWrite'),
      session: time(env, 'SESSION_TTL', 'session'),
      sweepGrace: time(env, 'SWEEP_GRACE', 'sweepGrace'),
      stall: time(env, 'STALL_TIMEOUT', 'stall'),
    }),
    shutdownDelay: integer(env, 'SHUTDOWN_DELAY', 0, 3600) ?? 0,
    crashAt: parseCrashPoint(text(env, 'CRASH_AT')),
  }
}

function parseCrashPoint(value: string | undefined): Config['crashAt'] {
  if (value === undefined) return undefined
  const [, name, hits = '1'] = /^([\w.]+)(?::([1-9]\d*))?$/.exec(value) ?? []
  const point = crashPoints.find((one) => one === name)
  if (point === undefined) {
    throw new ConfigError(
      `CRASH_AT is "${value}"; the points are ${crashPoints.join(', ')}, each with :N for the Nth time.`,
    )
  }
  return { point, hits: Number(hits) }
}

function time(env: Environment, name: string, which: keyof typeof timeRanges): number | undefined {
  const [least, most] = timeRanges[which]
  return integer(env, name, least, most)
}

/** What the server answers itself: a path that begins so could not be told from it where a proxy takes the path off. */
const taken = /^\/(api|session|plain|plain\.css|assets|icon\.svg|healthz|readyz|metrics)(\/|$)/

function parsePublicUrl(env: Environment): string | undefined {
  const value = checked(env, 'PUBLIC_URL', readPublicUrl)
  if (value !== undefined && taken.test(new URL(value).pathname)) {
    throw new ConfigError(
      `PUBLIC_URL has a path that the server itself has an answer for; take another one, such as ${new URL(value).origin}/photos.`,
    )
  }
  return value
}

const aboutBuckets = [
  'S3_PREFIX',
  'S3_ENDPOINT',
  'S3_PUBLIC_ENDPOINT',
  'S3_MULTIPART',
  'S3_SSE',
  'S3_SSE_KMS_KEY_ID',
  'S3_SSE_BUCKET_KEY',
  'S3_REQUIRE_CHECKSUM',
]

function parseBucket(env: Environment): BucketOptions | undefined {
  const endpoint = checked(env, 'S3_ENDPOINT', readEndpoint)
  const name = bucketName(env, endpoint)
  if (name === undefined) {
    // What is said of a bucket must not be passed over in silence: S3_SSE for instance, where files then lie unencrypted.
    const lost = aboutBuckets.find((one) => text(env, one) !== undefined)
    if (lost) throw new ConfigError(`${lost} is set, but S3_BUCKET is not: name the bucket too.`)
    return undefined
  }
  const pair = keyPair(env, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')
  const credentials = pair && {
    ...pair,
    sessionToken: text(env, 'AWS_SESSION_TOKEN'),
    expiration: checked(env, 'AWS_CREDENTIAL_EXPIRATION', readExpiration),
  }
  return {
    name,
    prefix: checked(env, 'S3_PREFIX', readKeyPrefix),
    endpoint,
    publicEndpoint: checked(env, 'S3_PUBLIC_ENDPOINT', readEndpoint),
    region: regionName(env, endpoint),
    credentials,
    multipart: onOff(env, 'S3_MULTIPART'),
    requireChecksum: onOff(env, 'S3_REQUIRE_CHECKSUM'),
    encryption: readEncryption(
      (name) => text(env, name),
      (name) => onOff(env, name),
    ),
    proxy: readProxies((name) => text(env, name), process.versions.node),
  }
}

/** By the rules of AWS, or where there is an endpoint by those of services that speak S3. */
function bucketName(env: Environment, endpoint: string | undefined): string | undefined {
  return checked(env, 'S3_BUCKET', (name, value) => readBucketName(name, value, { aws: !endpoint }))
}

function regionName(env: Environment, endpoint: string | undefined): string | undefined {
  const read = (name: string, value: string) => readRegion(name, value, { aws: !endpoint })
  return checked(env, 'AWS_REGION', read) ?? checked(env, 'AWS_DEFAULT_REGION', read)
}

function onOff(env: Environment, name: string): boolean | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  if (value !== 'on' && value !== 'off')
    throw new ConfigError(`${name} is "${value}"; it has to be on or off.`)
  return value === 'on'
}

function keyPair(env: Environment, idName: string, secretName: string) {
  const [accessKeyId, secretAccessKey] = [text(env, idName), text(env, secretName)]
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey }
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  throw new ConfigError(`${idName} and ${secretName} go together: set both, or neither.`)
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** A setting that is there, read by what knows its rules. @throws {ConfigError} */
function checked<T>(env: Environment, name: string, read: (name: string, value: string) => T): T | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : read(name, value)
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

function integer(
  env: Environment,
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new ConfigError(`${name}${quoted(value)}; it has to be a whole number ${range}.`)
  }
  return number
}

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `33554432`, `32MB`, `10 GB`; k, M, G and T stand for powers of 1,024. */
function bytes(env: Environment, name: string): number | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(value) ?? []
  const total = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? 1))
  if (number === undefined || total < 1 || !Number.isSafeInteger(total)) {
    throw new ConfigError(
      `${name}${quoted(value)}; it has to be a number of bytes, such as 33554432 or 32MB.`,
    )
  }
  return total
}

function defined<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}

function readEnvFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Environment
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new ConfigError(`${path} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}
