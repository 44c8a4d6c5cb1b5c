#!/usr/bin/env bash
# A transaction of Drizzle on Postgres resolves although nothing of it was stored
#
# Expected:  a callback that catches the error of one statement (a unique violation: the file is known already) and returns
#            normally either keeps the other statements, or its transaction is rejected.
# Happens:   Postgres has aborted the transaction with the statement, and answers COMMIT with ROLLBACK: a normal answer, no
#            error. Drizzle does not look at it: transaction() resolves with the value of the callback, and the rows from
#            before the error are gone. Kysely does look, and rejects with AbortedTransactionError.
# Seen with: drizzle-orm 0.45.4 and pg 8.23.1, beside kysely 0.29.9, on PGlite 0.5.14 (Postgres in WebAssembly) behind
#            pglite-socket 0.2.17.
# To do:     ON CONFLICT instead of catching; a savepoint (tx.transaction) around what may fail; or let the error through.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 pg@8.23.1 kysely@0.29.9 @electric-sql/pglite@0.5.14 \
  @electric-sql/pglite-socket@0.2.17 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

const db = await PGlite.create()
const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1' })
const listening = new Promise((resolve) => server.addEventListener('listening', (event) => resolve(event.detail)))
await server.start()
const { port } = await listening
const pool = new pg.Pool({ connectionString: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, max: 1 })
await pool.query('create table photo (id int primary key)')
await pool.query('insert into photo values (1)')

const byDrizzle = await drizzle({ client: pool })
  .transaction(async (tx) => {
    await tx.execute(sql`insert into photo values (2)`)
    await tx.execute(sql`insert into photo values (1)`).catch(() => {})
    return 'resolved'
  })
  .catch((error) => `rejected: ${error.message}`)
const byKysely = await new Kysely({ dialect: new PostgresDialect({ pool }) })
  .transaction()
  .execute(async (trx) => {
    await trx.insertInto('photo').values({ id: 3 }).execute()
    await trx.insertInto('photo').values({ id: 1 }).execute().catch(() => {})
    return 'resolved'
  })
  .catch((error) => `rejected: ${error.message}`)
const { rows } = await pool.query('select id from photo order by id')
console.log({ byDrizzle, byKysely, rows: rows.map(({ id }) => id) })
await pool.end()
await server.stop()
await db.close()
process.exitCode = byDrizzle === 'resolved' && byKysely.startsWith('rejected') && rows.length === 1 ? 0 : 1
EOF
node check.mjs && echo 'As described.' || { echo 'No longer as described.'; exit 1; }
