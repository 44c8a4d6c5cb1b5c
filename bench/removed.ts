/**
 * Whether a list of removed media, and removing and restoring one more, have a slope: `node bench/removed.ts [REMOVED]` (default a million).
 *
 * CPU of pages of 50 at the beginning, in the middle and at the end of what one owner has removed, of finding one of it by its id, and of
 * uploading a photo with its thumb, removing it within a window and restoring it; first with 1,000 removed media in the ledger (SQLite), then with that many.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createKeys } from '../packages/tintype/src/bucket/keys.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'
import { createBenchMedia } from './harness/ledger.ts'
import { median } from './harness/statistics.ts'

const { makeKey } = createKeys()
const most = Number(process.argv[2] ?? 1_000_000)
const day = 86_400_000
const now = Date.now()
const until = now + 30 * day
const [rounds, times] = [9, 100]
const directory = mkdtempSync(join(tmpdir(), 'tintype-bench-'))

try {
  console.log(
    'removed    first page   middle page   last page   finding one   upload, removal, restoring   (ms of CPU each, median of 9 rounds)',
  )
  for (const count of [1000, most]) {
    const file = join(directory, `${count}.db`)
    const records = await openRecords(file)
    const places = fill(file, count)
    const page = (after?: { createdAt: number; id: string }) =>
      records.versions.removed('owner', { now, limit: 51, after })
    for (const after of places) {
      const rows = await page(after)
      if (rows.length !== (after === places.at(-1) ? 50 : 51)) throw new Error(`A page of ${rows.length}.`)
    }
    const middle = places[1]?.id ?? ''
    const one = () => records.versions.findRemoved(middle, 'owner')
    const costs = [...places.map((after) => () => page(after)), one, removal(records)]
    const each = costs.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, work] of costs.entries()) {
        const cpu = await cpuOf(work)
        // The first round warms up.
        if (round > 0) each[index]?.push(cpu)
      }
    }
    console.log(String(count).padEnd(10), ...each.map((all) => median(all).toFixed(3).padStart(12)))
    await records.close()
  }
} finally {
  rmSync(directory, { recursive: true })
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const { user, system } = process.cpuUsage()
  for (let i = 0; i < times; i++) await work()
  const after = process.cpuUsage()
  return (after.user + after.system - user - system) / 1000 / times
}

/** All of it in the ledger alone. */
function removal(records: Awaited<ReturnType<typeof openRecords>>) {
  return async () => {
    const one = createBenchMedia(now + day)
    await records.ledger.reserve(
      one.pending.map(({ key }) => key),
      now + day,
    )
    await records.ledger.publish([one])
    const { id } = one.media
    await records.ledger.remove(id, 'bench', now, { keep: { now, until } })
    await records.undo.restore({ id, owner: 'bench', now, jobsFor: () => [], expiresAt: null })
  }
}

/** @returns after what the first, the middle and the last page begin */
function fill(file: string, count: number) {
  const db = new DatabaseSync(file)
  // A transaction that has no room in memory is written to the log again and again.
  db.exec('pragma synchronous = off; pragma cache_size = -2000000; begin')
  const due = db.prepare(
    'insert into tintype_sweep (key, due_at, recheck, attempts, media_id, bytes) values (?, ?, 0, 0, ?, ?)',
  )
  const version = db.prepare(
    `insert into tintype_version (media_id, revision, owner, why, bytes, ended_at, restorable_until, due_at, content)
     values (?, 1, 'owner', 'removed', 200000, ?, ?, ?, ?)`,
  )
  const all: { createdAt: number; id: string }[] = []
  for (let i = 0; i < count; i++) {
    const { media, variants } = createBenchMedia(until)
    const [key, thumb] = [media.key, variants[0]?.key ?? makeKey('thumb', 'webp')]
    due.run(key, until, media.id, 200_000)
    due.run(thumb, until, media.id, 9_000)
    version.run(media.id, now - i, until, until, JSON.stringify({ media, variants }))
    all.push({ createdAt: now - i, id: media.id })
  }
  db.exec('commit; pragma wal_checkpoint(truncate)')
  db.close()
  return [undefined, all[(count >> 1) - 1], all[count - 51]]
}
