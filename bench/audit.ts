/**
 * How long `tintype audit` takes on a large bucket, and how much memory: `node bench/audit.ts [MEDIA] [ARGS...]`.
 *
 * MEDIA photos (default 500,000), each with a thumb, are rows of a ledger (SQLite, or the Postgres database of
 * BENCH_POSTGRES_URL) and objects of the embedded S3, whose rows are written directly: objects of no bytes on disk,
 * which listings don't look at. The audit is a process of its own that lists over HTTP, as it does with AWS. Planted:
 * ten orphans, ten media without object, ten of another size.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startLocalS3 } from '@tintype/local-s3'
import pg from 'pg'
import { createKeys } from '../packages/tintype/src/bucket/keys.ts'
import { randomId } from '../packages/tintype/src/ids.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'
import { runTintype } from './harness/command.ts'

const { makeKey } = createKeys()

const media = Number(process.argv[2] ?? 500_000)
const args = process.argv.slice(3)
const planted = 10
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const postgres = process.env.BENCH_POSTGRES_URL
const directory = mkdtempSync(join(tmpdir(), 'tintype-bench-'))
const identity = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' }
const s3Options = { directory: join(directory, 's3'), identities: [identity], buckets: ['photos'] }
const ledger = postgres ?? join(directory, 'tintype.db')

try {
  await fill()
  const s3 = await startLocalS3(s3Options)
  await audit(s3.url)
  await s3.close()
} finally {
  rmSync(directory, { recursive: true })
}

async function audit(endpoint: string): Promise<void> {
  const { code, summary, seconds, peak } = await runTintype(['audit', '--json', ...args], {
    DATABASE_URL: ledger,
    S3_BUCKET: 'photos',
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
  })
  const { objects, findings } = JSON.parse(summary)
  console.log(summary)
  console.log(
    `exit ${code}; ${objects} keys in ${seconds.toFixed(1)} s (${Math.round(objects / seconds)}/s), ` +
      `peak ${peak.toFixed(0)} MiB resident; found ${JSON.stringify(findings)}`,
  )
}

async function fill(): Promise<void> {
  await (await openRecords(ledger)).close()
  await (await startLocalS3(s3Options)).close()
  const bucket = new DatabaseSync(join(directory, 's3', 'local-s3.db'))
  bucket.exec('pragma synchronous = off; begin')
  const object = bucket.prepare(
    `insert into object (bucket, key, modified, size, etag, headers, checksum_algorithm, checksum_type, checksum)
     values ('photos', ?, ?, ?, '0123456789abcdef0123456789abcdef', '{"content-type":"image/jpeg"}', 'SHA256',
     'FULL_OBJECT', 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=')`,
  )
  const now = Date.now()
  const rows: Rows = []
  for (let i = 0; i < media; i++) {
    const row = { id: randomId(), key: makeKey('original', 'jpg'), thumb: makeKey('thumb', 'webp') }
    rows.push(row)
    if (i >= planted) object.run(row.key, now, i < 2 * planted ? 1 : 200_000)
    object.run(row.thumb, now, 9_000)
    if (i < planted) object.run(makeKey('original', 'jpg'), now, 200_000)
  }
  bucket.exec('commit')
  bucket.close()
  await (postgres ? fillPostgres(rows, now) : fillSqlite(rows, now))
}

type Rows = { id: string; key: string; thumb: string }[]

function fillSqlite(rows: Rows, now: number): void {
  const db = new DatabaseSync(ledger)
  db.exec('pragma synchronous = off; begin')
  const one = db.prepare(
    `insert into tintype_media (id, owner, key, kind, type, bytes, sha256, width, height, name, created_at)
     values (?, 'owner', ?, 'image', 'image/jpeg', 200000, '${sha256}', 4000, 3000, 'IMG_0001.jpg', ?)`,
  )
  const variant = db.prepare(
    "insert into tintype_variant (media_id, name, key, type, bytes, width, height) values (?, 'thumb', ?, 'image/webp', 9000, 320, 240)",
  )
  for (const { id, key, thumb } of rows) {
    one.run(id, key, now)
    variant.run(id, thumb)
  }
  db.exec('commit')
  db.close()
}

async function fillPostgres(rows: Rows, now: number): Promise<void> {
  const client = new pg.Client({ connectionString: ledger })
  await client.connect()
  await client.query('truncate media, variant, sweep')
  for (let at = 0; at < rows.length; at += 10_000) {
    const some = rows.slice(at, at + 10_000)
    const ids = some.map((row) => row.id)
    await client.query(
      `insert into tintype_media (id, owner, key, kind, type, bytes, sha256, width, height, name, created_at)
       select id, 'owner', key, 'image', 'image/jpeg', 200000, '${sha256}', 4000, 3000, 'IMG_0001.jpg', ${now}
       from unnest($1::text[], $2::text[]) as t (id, key)`,
      [ids, some.map((row) => row.key)],
    )
    await client.query(
      `insert into tintype_variant (media_id, name, key, type, bytes, width, height)
       select id, 'thumb', key, 'image/webp', 9000, 320, 240 from unnest($1::text[], $2::text[]) as t (id, key)`,
      [ids, some.map((row) => row.thumb)],
    )
  }
  await client.query('vacuum analyze media, variant')
  await client.end()
}
