/**
 * What grouping commits gives: the ledger's two steps of an upload (reserve two keys, publish), with and without,
 * interleaved, by callers at once.
 *
 *   node bench/commits.ts                             SQLite in a temporary folder
 *   node bench/commits.ts postgres://user@host/db     and Postgres
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { randomId } from '../packages/tintype/src/ids.ts'
import { createLedgerMoves, type LedgerMoves } from '../packages/tintype/src/records/ledger.ts'
import { defaultPrefix, withNames } from '../packages/tintype/src/records/place.ts'
import { createPostgresDialect } from '../packages/tintype/src/records/postgres.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'
import type { Ledger } from '../packages/tintype/src/records/schema.ts'
import { createSqliteDialect } from '../packages/tintype/src/records/sqlite.ts'

const rounds = 5
const uploads = 1000
const directory = await mkdtemp(join(tmpdir(), 'tintype-commits-'))
const databases = [join(directory, 'bench.db'), ...process.argv.slice(2)]

console.log('database  callers  uploads/s grouped  alone   ratio   CPU ms/upload grouped  alone')
for (const url of databases) {
  const kind = url.startsWith('postgres') ? 'postgres' : 'sqlite'
  await (await openRecords(url)).close()
  const dialect = kind === 'postgres' ? createPostgresDialect(url, console.error) : createSqliteDialect(url)
  const place = { prefix: defaultPrefix, schema: kind === 'postgres' ? 'public' : undefined }
  const db = new Kysely<Ledger>({
    dialect: withNames(dialect, kind, place),
  })
  const ledgers = [true, false].map((group) => createLedgerMoves(db, kind, place, { group }))
  for (const callers of [1, 8, 32, 128]) {
    const rates: number[][] = [[], []]
    const cpus: number[][] = [[], []]
    for (let round = 0; round < rounds; round++) {
      for (const [index, ledger] of ledgers.entries()) {
        const { rate, cpu } = await measure(ledger, callers)
        rates[index]?.push(rate)
        cpus[index]?.push(cpu)
      }
    }
    const [grouped = 0, alone = 0] = rates.map(median)
    const [cpuGrouped = 0, cpuAlone = 0] = cpus.map(median)
    console.log(
      kind.padEnd(9),
      String(callers).padStart(7),
      grouped.toFixed(0).padStart(18),
      alone.toFixed(0).padStart(6),
      (grouped / alone).toFixed(2).padStart(7),
      cpuGrouped.toFixed(3).padStart(23),
      cpuAlone.toFixed(3).padStart(6),
    )
  }
  await db.destroy()
}
await rm(directory, { recursive: true })

async function measure(ledger: LedgerMoves, callers: number): Promise<{ rate: number; cpu: number }> {
  const dueAt = Date.now() + 900_000
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const caller = async () => {
    for (let i = 0; i < uploads / callers; i++) await upload(ledger, dueAt)
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const { user, system } = process.cpuUsage(cpu)
  const done = Math.ceil(uploads / callers) * callers
  return { rate: done / ((performance.now() - begun) / 1000), cpu: (user + system) / 1000 / done }
}

async function upload(ledger: LedgerMoves, dueAt: number): Promise<void> {
  const id = randomId()
  const keys = [`media/${id}/original.jpg`, `media/${id}/thumb.webp`] as const
  await ledger.reserve([...keys], dueAt)
  const picture = { width: 4000, height: 3000 }
  await ledger.publish([
    {
      media: {
        id,
        owner: 'bench',
        key: keys[0],
        kind: 'image',
        type: 'image/jpeg',
        bytes: 200_000,
        sha256: '0'.repeat(64),
        ...picture,
        name: 'photo.jpg',
        created_at: dueAt,
      },
      variants: [{ media_id: id, name: 'thumb', key: keys[1], type: 'image/webp', bytes: 9000, ...picture }],
      pending: keys.map((key) => ({ key, dueAt })),
    },
  ])
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
