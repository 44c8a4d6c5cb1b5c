import { ConfigError } from './error.ts'
import { quoted } from './shown.ts'

/**
 * AWS has strict names (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html); services behind
 * an endpoint of their own also know capitals and underscores.
 */
export function readBucketName(name: string, value: string, { aws }: { aws: boolean }): string {
  const wrong = (what: string) => new ConfigError(`${name}${quoted(value)}; ${what}`)
  if (/[/:]/.test(value)) throw wrong('it has to be the name of a bucket alone, such as my-photos.')
  if (!aws && /^[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]$/.test(value)) return value
  const dotted = value.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(value)
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) && !dotted) return value
  throw wrong(
    'the name of a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit.',
  )
}

/**
 * What every key begins with. Strict, since it stands in policies, where \* and ? mean something, and in names of rules.
 * A folder `media` in it is another Tintype's own.
 */
export function readKeyPrefix(name: string, value: string): string {
  const folders = value.split('/')
  if (/^([A-Za-z\d][\w.-]*\/)+$/.test(value) && value.length <= 48 && !folders.includes('media')) return value
  throw new ConfigError(
    `${name}${quoted(value)}; it has to be folders of letters, digits, dots, hyphens and underscores, with a slash at the end, such as photos/, of 48 characters at most and none of them called media.`,
  )
}

/**
 * Without an endpoint it is mostly AWS, but the SDK may have been told of another service, whose region is `auto` or of
 * its own making. What looks like a name for people (`Frankfurt`) or an availability zone (`eu-central-1a`) is neither.
 */
export function readRegion(name: string, value: string, { aws }: { aws: boolean }): string {
  const isZone = /^[a-z]{2}(-[a-z]+)+-\d+[a-z]$/.test(value)
  if (aws ? /^[a-z\d]+(-[a-z\d]+)*$/.test(value) && !isZone : /^[\w.-]{1,64}$/.test(value)) return value
  throw new ConfigError(
    `${name}${quoted(value)}; it has to be a region such as ${aws ? 'eu-central-1' : 'us-east-1 or auto'}.`,
  )
}

/** Of an access key: a line break at the end of a file would fail each request, and never be seen. The value is never shown. */
export function readKey(name: string, value: string): string {
  if (!/\p{Cc}|^\s|\s$/u.test(value)) return value
  throw new ConfigError(
    `${name} has a line break, a space at one of its ends or another character that no key has: was it read from a file? Write the key alone.`,
  )
}

const right =
  'it has to be postgres://user:password@host/database, or the path of an SQLite file, such as ./data/tintype.db'

/**
 * A Postgres URL, or the path of an SQLite file. What is neither must not become the name of a file, since it may well
 * hold a password: a path that begins with a name with `:`, `@` or `=` in it has to be written with `./` before it.
 */
export function readDatabase(name: string, value: string): string {
  if (/^postgres(ql)?:\/\//i.test(value)) return readPostgresUrl(name, value)
  if (value === ':memory:' || /^[a-z]:[\\/]/i.test(value)) return value
  const [first = ''] = value.split(/[\\/]/)
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(value) ?? []
  if (/^(sqlite\d?|file|better-sqlite3)$/i.test(scheme)) {
    throw new ConfigError(`${name} begins with "${scheme}:"; for SQLite write the path of the file alone.`)
  }
  if (value.includes('://')) throw new ConfigError(`${name} begins with "${scheme}:"; ${right}.`)
  if (/[:@=]/.test(first) || /^[\\/]{2}/.test(value) || value.includes('?')) {
    throw new ConfigError(`${name} is no address of a database that is known here; ${right}.`)
  }
  if (/[\\/]$/.test(value)) throw new ConfigError(`${name} is a folder; ${right}.`)
  return value
}

function readPostgresUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || url.pathname.includes('@') || url.hash !== '') {
    throw new ConfigError(
      `${name} can not be read: characters such as / ? # @ : in a user or password have to be written as %2F %3F %23 %40 %3A.`,
    )
  }
  return value.replace(/^postgres(ql)?/i, (scheme) => scheme.toLowerCase())
}

/** A folder, never an address of some service. */
export function readFolder(name: string, value: string): string {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) return value
  throw new ConfigError(`${name} is an address; it has to be the path of a folder, such as ./data.`)
}
