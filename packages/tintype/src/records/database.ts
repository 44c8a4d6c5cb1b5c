import type { Dialect } from 'kysely'
import type { AppPool } from './app-pool.ts'
import type { DatabaseKind } from './place.ts'
import { createPostgresDialect } from './postgres.ts'
import { createSqliteDialect } from './sqlite.ts'

/** Which database, and where in it. One of `url`, `file` and `pool`. */
export interface DatabaseOptions {
  /** `postgres://user:password@host/database` */
  url?: string | undefined
  /** The path of an SQLite file. */
  file?: string | undefined
  /** The app's own `Pool` of `pg`. It keeps its settings, and `tintype.close()` leaves it open. */
  pool?: AppPool | undefined
  /**
   * Of Postgres: where the tables are; it is made where it is missing and the role may. @default where they are found,
   * else the first of the role's search_path
   */
  schema?: string | undefined
  /** What the names of tables and indexes begin with; '' only in a schema of their own. @default 'tintype_' */
  tablePrefix?: string | undefined
}

/** What names a database in one word: the URL of a Postgres, else the path of an SQLite file. */
export function databaseNamed(name: string): Pick<DatabaseOptions, 'url' | 'file'> {
  return /^postgres(ql)?:\/\//.test(name) ? { url: name } : { file: name }
}

/** The same database; `tintype.db` in this folder where none is named. */
export function inFolder(options: DatabaseOptions = {}, directory: string): DatabaseOptions {
  const { url, file, pool } = options
  return (url ?? file ?? pool) === undefined ? { ...options, file: `${directory}/tintype.db` } : options
}

export function createDialect(
  { url, file, pool }: DatabaseOptions,
  onLost: (error: Error) => void,
): { kind: DatabaseKind; dialect: Dialect } {
  const postgres = pool ?? url
  if (postgres !== undefined) return { kind: 'postgres', dialect: createPostgresDialect(postgres, onLost) }
  return { kind: 'sqlite', dialect: createSqliteDialect(file ?? '') }
}
