import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { parseConfig } from '../../packages/server/src/config.ts'
import { serve } from '../../packages/server/src/serve.ts'
import type { Hooks, PgTransaction, SqliteTransaction } from '../../packages/tintype/src/index.ts'
import { table } from './app-rows.ts'

/** The ready server with hooks: an app that keeps a row of its own for each photo, in Tintype's transactions. */
const url = process.env.DATABASE_URL ?? ''
const isPostgres = url.startsWith('postgres')

async function run(trx: unknown, statement: string, id: string): Promise<void> {
  if (isPostgres) await (trx as PgTransaction).query(statement.replace('?', '$1'), [id])
  else (trx as SqliteTransaction).prepare(statement).run(id)
}

async function makeTable(): Promise<void> {
  const statement = `create table if not exists ${table} (photo varchar(50) primary key)`
  if (!isPostgres) {
    const db = new DatabaseSync(url, { timeout: 10_000 })
    db.exec(statement)
    db.close()
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  // Two servers that start at once may both see that it is missing.
  await client.query(statement).catch(() => client.query(statement))
  await client.end()
}

const hooks: Hooks = {
  beforeUpload: () => new Promise(setImmediate),
  transform: async ({ name }) => ({ name }),
  scan: async ({ read }) => {
    for await (const _ of read());
  },
  ready: (media, { trx }) => run(trx, `insert into ${table} (photo) values (?)`, media.id),
  removed: (media, { trx }) => run(trx, `delete from ${table} where photo = ?`, media.id),
  restored: (media, { trx }) => run(trx, `insert into ${table} (photo) values (?)`, media.id),
}

await makeTable()
const server = await serve(parseConfig(process.env), (line) => writeSync(1, `${line}\n`), { hooks })
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
