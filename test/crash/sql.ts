import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'

/** Reads a ledger past the product's own code. */
export interface Sql {
  all<Row>(query: string): Promise<Row[]>
}

/** @param url `postgres://…`, or the path of an SQLite file. Opened anew for each query: servers are killed meanwhile */
export function openSql(url: string): Sql {
  return url.startsWith('postgres') ? onPostgres(url) : onSqlite(url)
}

function onSqlite(path: string): Sql {
  return {
    async all<Row>(query: string) {
      const db = new DatabaseSync(path, { timeout: 10_000 })
      try {
        return db.prepare(query).all() as Row[]
      } finally {
        db.close()
      }
    },
  }
}

function onPostgres(url: string): Sql {
  return {
    async all<Row>(query: string) {
      const client = new Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query(query)).rows as Row[]
      } finally {
        await client.end()
      }
    },
  }
}
