import { type Kysely, sql } from 'kysely'
import type { DatabaseKind } from './place.ts'

/** What the database has, for {@link migrate}. A schema is undefined on SQLite. */
export interface Catalog {
  /** The schema of a table, where the connection sees one of this name without saying its schema. */
  schemaOf(table: string): Promise<{ schema: string | undefined } | undefined>
  /** Where a table is made that is named without a schema. @returns undefined when there is none */
  currentSchema(): Promise<string | undefined>
  hasSchema(schema: string): Promise<boolean>
  /** Undefined when there is no such table. */
  columnsOf(schema: string | undefined, table: string): Promise<ReadonlySet<string> | undefined>
}

export function createCatalog(db: Kysely<unknown>, kind: DatabaseKind): Catalog {
  return kind === 'postgres' ? postgresCatalog(db) : sqliteCatalog(db)
}

function postgresCatalog(db: Kysely<unknown>): Catalog {
  return {
    async schemaOf(table) {
      const { rows } = await sql<{ schema: string }>`
        select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass(${table})`.execute(db)
      return rows[0]
    },
    async currentSchema() {
      const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db)
      return rows[0]?.schema ?? undefined
    },
    async hasSchema(schema) {
      const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(db)
      return rows.length > 0
    },
    async columnsOf(schema, table) {
      const { rows } = await sql<{ name: string }>`
        select a.attname as name from pg_attribute a
        join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${schema} and c.relname = ${table} and c.relkind in ('r', 'p')
        and a.attnum > 0 and not a.attisdropped`.execute(db)
      return setOf(rows)
    },
  }
}

function sqliteCatalog(db: Kysely<unknown>): Catalog {
  const columnsOf: Catalog['columnsOf'] = async (_schema, table) => {
    const { rows } = await sql<{ name: string }>`
      select p.name from sqlite_schema m join pragma_table_info(m.name) p
      where m.type = 'table' and m.name = ${table}`.execute(db)
    return setOf(rows)
  }
  return {
    schemaOf: async (table) => ((await columnsOf(undefined, table)) ? { schema: undefined } : undefined),
    currentSchema: async () => undefined,
    hasSchema: async () => false,
    columnsOf,
  }
}

function setOf(rows: { name: string }[]): ReadonlySet<string> | undefined {
  return rows.length > 0 ? new Set(rows.map(({ name }) => name)) : undefined
}
