import {
  type Dialect,
  type LimitNode,
  PostgresQueryCompiler,
  type QueryCompiler,
  SchemableIdentifierNode,
  SqliteQueryCompiler,
  ValueNode,
} from 'kysely'
import type { Ledger } from './schema.ts'

export type DatabaseKind = 'sqlite' | 'postgres'

/** Where the tables are: Tintype is a guest in the app's database. */
export interface TablePlace {
  /** What the names of tables, indexes and constraints begin with. */
  prefix: string
  /** Of Postgres: every statement names it, whatever the search_path of a connection is. Undefined on SQLite. */
  schema: string | undefined
  /** Tables beside those of the ledger that go by the same prefix and schema: the ready server has some of its own. */
  others?: readonly string[] | undefined
}

export const defaultPrefix = 'tintype_'

/** The tables of the ledger, as the code calls them. */
export const ledgerTables = [
  'media',
  'variant',
  'variant_job',
  'upload',
  'part',
  'resumable',
  'resumable_part',
  'sweep',
  'outbox',
  'owner_turn',
  'rate',
  'change',
  'listener',
  'version',
  'heartbeat',
  'lost',
] as const satisfies (keyof Ledger)[]

/** Of Kysely's migrator. */
export const bookkeeping = { applied: 'migration', lock: 'migration_lock' } as const

/** The same dialect, with {@link createQueryCompiler}. */
export function withNames(dialect: Dialect, kind: DatabaseKind, place: TablePlace): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => createQueryCompiler(kind, place),
  }
}

/** Writes the tables of the ledger, and those beside it, under the names that they have in the database; whatever else is named stays as it is. */
export function createQueryCompiler(
  kind: DatabaseKind,
  { prefix, schema, others = [] }: TablePlace,
): QueryCompiler {
  const names = new Map(
    [...ledgerTables, ...others].map((table) => {
      const name = `${prefix}${table}`
      const node =
        schema === undefined
          ? SchemableIdentifierNode.create(name)
          : SchemableIdentifierNode.createWithSchema(schema, name)
      return [table as string, node]
    }),
  )
  const named: Named = (node) =>
    node.schema === undefined ? (names.get(node.identifier.name) ?? node) : node
  return kind === 'postgres' ? new NamingPostgresCompiler(named) : new NamingSqliteCompiler(named)
}

type Named = (node: SchemableIdentifierNode) => SchemableIdentifierNode

class NamingPostgresCompiler extends PostgresQueryCompiler {
  readonly #named: Named

  constructor(named: Named) {
    super()
    this.#named = named
  }

  protected override visitSchemableIdentifier(node: SchemableIdentifierNode): void {
    super.visitSchemableIdentifier(this.#named(node))
  }
}

class NamingSqliteCompiler extends SqliteQueryCompiler {
  readonly #named: Named

  constructor(named: Named) {
    super()
    this.#named = named
  }

  protected override visitSchemableIdentifier(node: SchemableIdentifierNode): void {
    super.visitSchemableIdentifier(this.#named(node))
  }

  /**
   * As a number in the text: SQLite plans by a limit, and prepares a statement anew at each run where the limit is a
   * parameter, which is several times what most of ours take.
   */
  protected override visitLimit(node: LimitNode): void {
    const limit = ValueNode.is(node.limit) ? node.limit.value : undefined
    if (Number.isSafeInteger(limit)) this.append(`limit ${limit}`)
    else super.visitLimit(node)
  }
}
