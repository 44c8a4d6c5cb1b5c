import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { BucketOptions } from 'tintype/internal/bucket/bucket'
import type { Rate } from 'tintype/internal/quotas/rates'
import { type DatabaseOptions, databaseNamed, inFolder } from 'tintype/internal/records/database'
import { bucketOptions } from 'tintype/internal/settings/bucket'
import { checkDatabase, databaseOptions } from 'tintype/internal/settings/database'
import { ConfigError } from 'tintype/internal/settings/error'
import { limitOptions } from 'tintype/internal/settings/limits'
import { tintypeOptions } from 'tintype/internal/settings/options'
import { privacyOptions } from 'tintype/internal/settings/privacy'
import { quotaOptions } from 'tintype/internal/settings/quotas'
import { rateOptions } from 'tintype/internal/settings/rates'
import type { Option, Values } from 'tintype/internal/settings/read'
import { checkEncryption, readProxies } from 'tintype/internal/settings/s3'
import { readBucketName, readRegion } from 'tintype/internal/settings/storage'
import { timeOptions } from 'tintype/internal/settings/times'
import type { VariantSettings } from 'tintype/internal/settings/variants'
import { type WebhookOptions, webhookOptions } from 'tintype/internal/settings/webhooks'
import { type Environment, readVariable, readVariables, textOf } from './environment.ts'
import { serverTimes, serverVariables } from './variables.ts'

/** The ready server's settings, checked. The only reader of the environment. */
export interface Config {
  port: number
  host: string
  /** Where people reach the server, a path included. Undefined: by whatever name a request comes. */
  publicUrl: string | undefined
  /** Other origins whose pages may use the API. */
  origins: readonly string[]
  /** Undefined: people sign in by name; where there is nobody either, only this machine can connect. */
  token: string | undefined
  directory: string
  /** A Postgres or an SQLite file; undefined: a file in `directory`. */
  database: string | undefined
  /** Where in the database. */
  tables: Pick<DatabaseOptions, 'schema' | 'tablePrefix'>
  bucket: BucketOptions | undefined
  /** Of an identity that may list the bucket; undefined: the app's own is tried. */
  auditCredentials: BucketOptions['credentials']
  /** What makes posters that the library can't: a program's path, or false. Undefined: the one of the PATH. */
  ffmpeg: string | false | undefined
  limits: Values<typeof limitOptions>
  variants: readonly VariantSettings[]
  privacy: Values<typeof privacyOptions>
  times: Values<typeof timeOptions>
  quotas: Values<typeof quotaOptions>
  rates: Values<typeof rateOptions>
  /** Of one address, wrong tokens and what guests send; undefined: they are not counted. */
  signIns: Rate | undefined
  guestRate: Rate | undefined
  /** Proxies whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  webhooks: WebhookOptions[]
  /** Seconds between SIGTERM and the port's closing, in which `/readyz` says no and everything else goes on. */
  shutdownDelay: number
  /** Where the process is to die, for crash tests. */
  crashAt: Values<typeof serverVariables>['crashAt']
}

export { ConfigError }

/**
 * Reads the environment, and `.env` in the current folder for what the environment doesn't name.
 * @throws {ConfigError}
 */
export function loadConfig(): Config {
  const file = readEnvFile('.env')
  tellTheSdk(file, allButKeys)
  return parseConfig({ ...file, ...process.env })
}

/** The server's keys are read here. An administrator's profile is not the server's, so setting up takes places alone. */
const allButKeys = /^AWS_(?!(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_EXPIRATION)$)/
const places = /^AWS_(ENDPOINT_URL|IGNORE_CONFIGURED_ENDPOINT_URLS$|USE_)/

/** The AWS SDK reads the environment: what `.env` says to it goes there, and never wins over what is there. */
function tellTheSdk(file: Environment, names: RegExp): void {
  for (const [name, value] of Object.entries(file)) {
    if (names.test(name) && value !== undefined) process.env[name] ??= value
  }
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
  const file = readEnvFile('.env')
  tellTheSdk(file, places)
  const env = { ...file, ...process.env }
  const { multipart } = bucketOptions
  return {
    bucket: bucketName(env),
    region: regionName(env),
    endpoint: readVariable(env, bucketOptions.endpoint),
    prefix: readVariable(env, bucketOptions.prefix),
    multipart: textOf(env, multipart.variable) === undefined ? undefined : readVariable(env, multipart),
    proxy: proxies(env),
    session:
      textOf(env, timeOptions.session.variable) === undefined
        ? undefined
        : readVariable(env, timeOptions.session),
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
    textOf(env, 'XDG_STATE_HOME') ??
    (process.platform === 'win32' ? textOf(env, 'LOCALAPPDATA') : undefined) ??
    join(homedir(), '.local/state')
  return { token: textOf(env, 'TINTYPE_TOKEN'), stateDirectory: join(state, 'tintype') }
}

/** @throws {ConfigError} */
export function parseConfig(env: Environment): Config {
  const { auditKeyId: _, auditSecret: __, ...own } = readVariables(env, serverVariables)
  return {
    ...own,
    publicUrl: parsePublicUrl(env),
    origins: readVariable(env, tintypeOptions.origins),
    directory: readVariable(env, tintypeOptions.directory),
    database: readVariable(env, databaseOptions.url),
    tables: parseTables(env),
    bucket: parseBucket(env),
    auditCredentials: keyPair(env, serverVariables.auditKeyId, serverVariables.auditSecret),
    ffmpeg: readVariable(env, tintypeOptions.ffmpeg),
    limits: readVariables(env, limitOptions),
    variants: readVariable(env, tintypeOptions.variants),
    privacy: readVariables(env, privacyOptions),
    times: readVariables(env, serverTimes),
    quotas: readVariables(env, quotaOptions),
    rates: readVariables(env, rateOptions),
    webhooks: parseWebhooks(env),
  }
}

/** What the server answers itself: a path that begins so could not be told from it where a proxy takes the path off. */
const taken =
  /^\/(api|session|invite|s|shared|plain|plain\.css|assets|icon\.svg|healthz|readyz|metrics)(\/|$)/

function parsePublicUrl(env: Environment): string | undefined {
  const value = readVariable(env, tintypeOptions.publicUrl)
  if (value !== undefined && taken.test(new URL(value).pathname)) {
    throw new ConfigError(
      `PUBLIC_URL has a path that the server itself has an answer for; take another one, such as ${new URL(value).origin}/photos.`,
    )
  }
  return value
}

/** The database as the library takes it. */
export function databaseOf({
  database,
  tables,
  directory,
}: Pick<Config, 'database' | 'tables' | 'directory'>): DatabaseOptions {
  return inFolder({ ...(database === undefined ? {} : databaseNamed(database)), ...tables }, directory)
}

function parseTables(env: Environment): Config['tables'] {
  const { url, schema, tablePrefix } = databaseOptions
  const tables = readVariables(env, { schema, tablePrefix })
  const named = readVariable(env, url)
  const variables: Partial<Record<keyof DatabaseOptions, string>> = {
    url: url.variable,
    schema: schema.variable,
    tablePrefix: tablePrefix.variable,
  }
  checkDatabase(
    { ...(named === undefined ? {} : databaseNamed(named)), ...tables },
    (one) => variables[one] ?? one,
  )
  return tables
}

function parseWebhooks(env: Environment): WebhookOptions[] {
  const [url, secret] = [readVariable(env, webhookOptions.url), readVariable(env, webhookOptions.secret)]
  if (url !== undefined && secret !== undefined) return [{ url, secret }]
  if (url === undefined && secret === undefined) return []
  throw new ConfigError(
    `${webhookOptions.url.variable} and ${webhookOptions.secret.variable} go together: set both, or neither.`,
  )
}

function parseBucket(env: Environment): BucketOptions | undefined {
  const { credentials: key, encryption: encrypting, name: named, region: _, ...others } = bucketOptions
  const name = bucketName(env)
  if (name === undefined) {
    // What is said of a bucket must not be passed over in silence: S3_SSE for instance, where files then lie unencrypted.
    const rows: Option[] = [...Object.values(others), ...Object.values(encrypting.rows)]
    const lost = rows.find(({ variable }) => variable !== undefined && textOf(env, variable) !== undefined)
    if (lost)
      throw new ConfigError(`${lost.variable} is set, but ${named.variable} is not: name the bucket too.`)
    return undefined
  }
  const pair = keyPair(env, key.rows.accessKeyId, key.rows.secretAccessKey)
  const credentials = pair && {
    ...pair,
    sessionToken: readVariable(env, key.rows.sessionToken),
    expiration: readVariable(env, key.rows.expiration),
  }
  return {
    name,
    prefix: readVariable(env, others.prefix),
    endpoint: readVariable(env, others.endpoint),
    publicEndpoint: readVariable(env, others.publicEndpoint),
    region: regionName(env),
    credentials,
    multipart: readVariable(env, others.multipart),
    requireChecksum: readVariable(env, others.requireChecksum),
    encryption: encryption(env),
    proxy: proxies(env),
  }
}

function encryption(env: Environment): BucketOptions['encryption'] {
  const { rows } = bucketOptions.encryption
  const { algorithm, ...ofKms } = readVariables(env, rows)
  checkEncryption({ algorithm, ...ofKms }, (option) => rows[option].variable)
  return algorithm && { algorithm, ...ofKms }
}

function proxies(env: Environment): BucketOptions['proxy'] {
  return readProxies((name) => textOf(env, name), process.versions.node)
}

/** By the rules of AWS, or where there is an endpoint by those of services that speak S3. */
function bucketName(env: Environment): string | undefined {
  const { variable } = bucketOptions.name
  return checked(env, variable, (name, value) => readBucketName(name, value, bucketRules(env)))
}

function regionName(env: Environment): string | undefined {
  const read = (name: string, value: string) => readRegion(name, value, bucketRules(env))
  return checked(env, 'AWS_REGION', read) ?? checked(env, 'AWS_DEFAULT_REGION', read)
}

function bucketRules(env: Environment): { aws: boolean } {
  return { aws: readVariable(env, bucketOptions.endpoint) === undefined }
}

function keyPair(env: Environment, id: Option<string>, secret: Option<string>) {
  const [accessKeyId, secretAccessKey] = [readVariable(env, id), readVariable(env, secret)]
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey }
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  throw new ConfigError(`${id.variable} and ${secret.variable} go together: set both, or neither.`)
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** A variable that is no option, read by what knows its rules. @throws {ConfigError} */
function checked<T>(env: Environment, name: string, read: (name: string, value: string) => T): T | undefined {
  const value = textOf(env, name)
  return value === undefined ? undefined : read(name, value)
}

function readEnvFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Environment
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new ConfigError(`${path} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}
