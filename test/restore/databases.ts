import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { dumpSqlite } from '../support/dump.ts'
import { createDatabase, postgresUrl } from '../support/postgres.ts'
import type { Databases } from './history.ts'

/** In files of this folder, dumped by SQLite's backup API. */
export function sqliteDatabases(directory: string): Databases {
  return {
    create: async () => join(directory, `${randomBytes(6).toString('hex')}.db`),
    dump: dumpSqlite,
  }
}

/** On the server of TEST_POSTGRES_URL. A dump is a copy of the files: what pg_dump makes is tried by the drill. */
export function postgresDatabases(): Databases & { drop(): Promise<void> } {
  const made: { drop(): Promise<void> }[] = []
  return {
    async create() {
      const one = await createDatabase()
      made.push(one)
      return one.url
    },
    async dump(url) {
      const copy = await createDatabase()
      made.push(copy)
      const name = (of: string) => new URL(of).pathname.slice(1)
      await copy.drop()
      const client = new pg.Client({ connectionString: postgresUrl })
      await client.connect()
      await client.query(`create database ${name(copy.url)} template ${name(url)}`)
      await client.end()
      return copy.url
    },
    drop: async () => void (await Promise.all(made.map((one) => one.drop()))),
  }
}
