import { createBucket } from 'tintype/internal/bucket/bucket'
import { type Finding, failed, ok, skipped } from 'tintype/internal/bucket/finding'
import type { LocatedBucket } from 'tintype/internal/bucket/options'
import type { DatabaseOptions } from 'tintype/internal/records/database'
import { probeHeartbeat } from 'tintype/internal/records/probe'
import { readNote } from 'tintype/internal/sweep/heartbeat-note'

/** Whether the database was put back to an older state than the bucket has noted, and to which moment it can be. */
export async function databasePutBack(
  database: DatabaseOptions,
  bucket: LocatedBucket,
  now: () => number,
): Promise<Finding | undefined> {
  const what = 'database and bucket belong together'
  const reader = createBucket(bucket, { signReadTtl: 60, now })
  try {
    const state = await probeHeartbeat(database)
    if (!state) return undefined
    const note = await readNote(reader, state.ledgerId)
    if (note && state.at < note.at)
      return failed(
        what,
        `the database is of ${dateOf(state.at)}, the bucket knows of a change at ${dateOf(note.at)}: it was put back, and nothing is deleted`,
        'Run tintype restore: docs/backup.md.',
      )
    return ok(
      what,
      state.at === 0
        ? undefined
        : `one can go back whole to ${dateOf(Math.min(Math.max(state.wholeSince, note?.wholeSince ?? 0), now()))}`,
    )
  } catch (error) {
    // What does not answer is told by checks of its own.
    return skipped(what, error instanceof Error ? error.message : String(error))
  } finally {
    reader.close()
  }
}

function dateOf(time: number): string {
  return time === 0 ? 'before its first change' : new Date(time).toISOString()
}
