import { randomBytes } from 'node:crypto'
import { backup, DatabaseSync } from 'node:sqlite'

/** A dump of an SQLite database in use, by SQLite's backup API: a file beside it. @returns its path */
export async function dumpSqlite(file: string): Promise<string> {
  const dump = `${file}.${randomBytes(4).toString('hex')}`
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    await backup(db, dump)
  } finally {
    db.close()
  }
  return dump
}
