import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A Postgres server for tests, or why there is none. */
export const postgresUrl = process.env.TEST_POSTGRES_URL
export const skipWithoutPostgres = postgresUrl ? false : 'TEST_POSTGRES_URL names no server'

/** A database of one's own on the server of TEST_POSTGRES_URL. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `tintype_test_${randomBytes(6).toString('hex')}`
  await run(`create database ${name}`)
  const url = new URL(postgresUrl ?? '')
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) }
}

async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}
