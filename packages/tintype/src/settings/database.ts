import { type DatabaseOptions, databaseNamed } from '../records/database.ts'
import { defaultPrefix } from '../records/place.ts'
import { ConfigError } from './error.ts'
import { inCode, type Kind, text } from './kinds.ts'
import { type Options, readOptions } from './read.ts'
import { quoted, wrongKind } from './shown.ts'
import { readDatabase } from './storage.ts'

const aDatabase = 'postgres://user:password@host/database, or the path of an SQLite file'

/** Postgres cuts names at 63 bytes: the longest that we make has 22 after its prefix. */
const longestPrefix = 40
const longestName = 63

/**
 * Lower case, so that the names need no quotes in the app's own SQL. @throws {ConfigError}
 * @param value '' for none
 */
function readTablePrefix(name: string, value: string): string {
  if (value === '') return value
  if (/^[a-z_][a-z0-9_]*$/.test(value) && value.length <= longestPrefix && !value.startsWith('sqlite_'))
    return value
  throw new ConfigError(
    `${name}${quoted(value)}; it has to be at most ${longestPrefix} of a-z, 0-9 and _, without a digit at the beginning, such as photos_ (sqlite_ is SQLite's own).`,
  )
}

function readSchema(name: string, value: string): string {
  const reserved = /^(pg_|information_schema$)/
  if (/^[a-z_][a-z0-9_]*$/.test(value) && value.length <= longestName && !reserved.test(value)) return value
  throw new ConfigError(
    `${name}${quoted(value)}; it has to be at most ${longestName} of a-z, 0-9 and _, without a digit at the beginning, such as photos (pg_… and information_schema are Postgres' own).`,
  )
}

/** A path or an address: which, the option says; a variable may have either. */
function ofKind(right: string, is: (value: string) => boolean): Kind<string> {
  const { check } = text(right, readDatabase)
  return {
    right,
    rightText: aDatabase,
    check(name, value) {
      const read = check(name, value)
      if (is(read)) return read
      throw wrongKind(name, value, right)
    },
    parse: readDatabase,
  }
}

const isPostgres = (value: string) => databaseNamed(value).url !== undefined

const prefixKind: Kind<string> = {
  right: 'letters, digits and underscores in lower case, such as photos_',
  check(name, value) {
    if (typeof value === 'string') return readTablePrefix(name, value)
    throw wrongKind(name, value, prefixKind.right)
  },
  parse: readTablePrefix,
}

/** What an app says of its database when it gives more than its name. */
export const databaseOptions = {
  url: {
    kind: ofKind('postgres://user:password@host/database', isPostgres),
    variable: 'DATABASE_URL',
    otherwise: '`TINTYPE_DATA/tintype.db`',
    about: 'the address of a Postgres; as a variable also the path of an SQLite file',
  },
  file: {
    kind: ofKind('the path of an SQLite file', (value) => !isPostgres(value)),
    otherwise: '`tintype.db` in `directory`',
    about: 'an SQLite file',
  },
  pool: {
    kind: inCode('a Pool of pg', isPool),
    about: "the app's own pool, which keeps its settings and stays open ([database.md](database.md))",
  },
  schema: {
    kind: text('the name of a schema, such as photos', readSchema),
    variable: 'DATABASE_SCHEMA',
    otherwise: 'the first of the search_path',
    about: 'of Postgres: where the tables are ([database.md](database.md))',
  },
  tablePrefix: {
    kind: prefixKind,
    default: defaultPrefix,
    variable: 'TABLE_PREFIX',
    about: 'what the names of tables and indexes begin with',
  },
} as const satisfies Options & Record<keyof DatabaseOptions, unknown>

function isPool(value: unknown): value is NonNullable<DatabaseOptions['pool']> {
  // A client has no totalCount: one connection is not enough.
  const { connect, on, totalCount } = Object(value) as Record<string, unknown>
  return typeof connect === 'function' && typeof on === 'function' && typeof totalCount === 'number'
}

/** A database in one word, or more about it. */
export const databaseKind: Kind<DatabaseOptions> = {
  right: `${aDatabase}; or an object with url, file or pool, and where in it`,
  check(name, value) {
    if (typeof value === 'string') return databaseNamed(readDatabase(name, value))
    if (typeof value !== 'object') throw wrongKind(name, value, databaseKind.right)
    const given = readOptions(databaseOptions, value, name)
    for (const one of ['url', 'file', 'pool'] as const) {
      if (given[one] !== undefined || !Object.hasOwn(value as object, one)) continue
      throw new ConfigError(
        `${name}.${one} is given, but has no value: was a variable not set? Leave it out to keep the database in the folder of \`directory\`.`,
      )
    }
    return checkDatabase(given, (one) => `${name}.${one}`)
  },
  parse: (name, value) => databaseKind.check(name, value),
}

/** What one option says of another. @param nameOf how an option is called there. @throws {ConfigError} */
export function checkDatabase(
  database: DatabaseOptions,
  nameOf: (option: keyof DatabaseOptions) => string,
): DatabaseOptions {
  const { url, file, pool, schema, tablePrefix } = database
  const named = Object.entries({ url, file, pool }).filter(([, value]) => value !== undefined)
  if (named.length > 1) {
    const names = named.map(([name]) => nameOf(name as keyof DatabaseOptions))
    throw new ConfigError(`${names.join(' and ')} are two databases: give one of them.`)
  }
  if (schema !== undefined && url === undefined && pool === undefined) {
    throw new ConfigError(
      `${nameOf('schema')} is "${schema}", and SQLite has no schemas: leave it out, or name a Postgres as ${nameOf('url')}.`,
    )
  }
  if (tablePrefix === '' && schema === undefined) {
    throw new ConfigError(
      `${nameOf('tablePrefix')} is empty; without a prefix the tables need a schema of their own: name one as ${nameOf('schema')}.`,
    )
  }
  return database
}
