import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { createDatabase, skipWithoutPostgres } from './postgres.ts'

export interface AppRows {
  all(query: string): Promise<Record<string, unknown>[]>
}

/** An app's own connection to the database that Tintype uses. */
export interface AppDatabase extends AppRows {
  run(statement: string): Promise<unknown>
  /** What `trx` takes, once a transaction has been begun. */
  connection: DatabaseSync | Client
  close(): Promise<unknown>
}

/** What a test is to run on; each makes a database of its own. */
export const databases = [
  { name: 'SQLite', create: createFile, connect: onSqlite, skip: false },
  { name: 'Postgres', create: createDatabase, connect: onPostgres, skip: skipWithoutPostgres },
] as const

/** A trigger of the app's, which lets no row that fulfils the condition be deleted. */
export async function forbidDeletion(
  app: AppDatabase,
  database: string,
  table: string,
  when: string,
): Promise<void> {
  if (database === 'SQLite') {
    await app.run(`create trigger no_deletion before delete on ${table} when ${when}
      begin select raise(abort, 'not this one'); end`)
    return
  }
  await app.run(`create function no_deletion() returns trigger language plpgsql as
    $$ begin raise 'not this one'; end $$`)
  await app.run(`create trigger no_deletion before delete on ${table} for each row
    when (${when}) execute function no_deletion()`)
}

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-app-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}

async function onSqlite(path: string): Promise<AppDatabase> {
  const db = new DatabaseSync(path, { timeout: 5000 })
  return {
    connection: db,
    run: async (statement) => db.exec(statement),
    all: async (query) =>
      db
        .prepare(query)
        .all()
        .map((row) => ({ ...row })),
    close: async () => db.close(),
  }
}

export async function onPostgres(url: string): Promise<AppDatabase> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return {
    connection: client,
    run: (statement) => client.query(statement),
    all: async (query) => (await client.query(query)).rows,
    close: () => client.end(),
  }
}
