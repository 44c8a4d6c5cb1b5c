import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Given, KeysOf } from './adapter.ts'

/** All keys that the backend's records name. The file is opened anew each time: its server is killed meanwhile. */
export async function knownKeys(keys: KeysOf, given: Given): Promise<string[]> {
  if (typeof keys === 'function') return keys(given)
  const path = join(given.directory, keys.database)
  // Before its first start.
  if (!existsSync(path)) return []
  const db = new DatabaseSync(path, { timeout: 10_000 })
  try {
    return db
      .prepare(keys.sql)
      .all()
      .map((row) => String(Object.values(row)[0]))
  } finally {
    db.close()
  }
}
