/**
 * How long `tintype restore` takes, and how much memory: `node bench/restore.ts [MEDIA]`.
 *
 * MEDIA photos (default 500,000), each with a thumb, are rows of a ledger (SQLite) and objects of the embedded S3, whose rows
 * are written directly. Half of them are visible, half were removed and can be had again, which is over for all of them by
 * the date of now: their dates have to be moved on. Beside them are a tenth as many objects that the database doesn't know,
 * and ten photos whose originals are lost. The command has a heap of 48 MiB, however many there are: one that grew with them would end it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startLocalS3 } from '@tintype/local-s3'
import { createKeys } from '../packages/tintype/src/bucket/keys.ts'
import { randomId } from '../packages/tintype/src/ids.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'
import { runTintype } from './harness/command.ts'

const { makeKey } = createKeys()
const media = Number(process.argv[2] ?? 500_000)
const lost = 10
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const directory = mkdtempSync(join(tmpdir(), 'tintype-bench-'))
const identity = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' }
const s3Options = { directory: join(directory, 's3'), identities: [identity], buckets: ['photos'] }
const ledger = join(directory, 'tintype.db')

try {
  await fill()
  const s3 = await startLocalS3(s3Options)
  const env = {
    DATABASE_URL: ledger,
    S3_BUCKET: 'photos',
    S3_ENDPOINT: s3.url,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    NODE_OPTIONS: '--max-old-space-size=48',
  }
  for (const args of [['restore', '--check'], ['restore'], ['restore'], ['audit']]) {
    const { code, summary, seconds, cpu, peak } = await runTintype([...args, '--json'], env)
    const { findings } = JSON.parse(summary) as { findings: Record<string, number> }
    const found = Object.entries(findings).filter(([, count]) => count > 0)
    console.log(
      `tintype ${args.join(' ')}: exit ${code}, ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU, peak ${peak.toFixed(0)} MiB resident; ` +
        `found ${JSON.stringify(Object.fromEntries(found))}`,
    )
  }
  await s3.close()
} finally {
  rmSync(directory, { recursive: true })
}

async function fill(): Promise<void> {
  await (await openRecords(ledger)).close()
  await (await startLocalS3(s3Options)).close()
  const bucket = new DatabaseSync(join(directory, 's3', 'local-s3.db'))
  const db = new DatabaseSync(ledger)
  for (const one of [bucket, db]) one.exec('pragma synchronous = off; begin')
  const object = bucket.prepare(
    `insert into object (bucket, key, modified, size, etag, headers, checksum_algorithm, checksum_type, checksum)
     values ('photos', ?, ?, ?, '0123456789abcdef0123456789abcdef', '{"content-type":"image/jpeg"}', 'SHA256',
     'FULL_OBJECT', 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=')`,
  )
  const photo = db.prepare(
    `insert into tintype_media (id, owner, key, kind, type, bytes, sha256, width, height, name, created_at)
     values (?, 'owner', ?, 'image', 'image/jpeg', 200000, '${sha256}', 4000, 3000, 'IMG_0001.jpg', ?)`,
  )
  const variant = db.prepare(
    "insert into tintype_variant (media_id, name, key, type, bytes, width, height) values (?, 'thumb', ?, 'image/webp', 9000, 320, 240)",
  )
  const due = db.prepare(
    'insert into tintype_sweep (key, due_at, recheck, attempts, media_id, bytes) values (?, ?, 0, 0, ?, ?)',
  )
  const version = db.prepare(
    `insert into tintype_version (media_id, revision, owner, why, bytes, ended_at, restorable_until, due_at, content)
     values (?, 1, 'owner', 'removed', 200000, ?, ?, ?, ?)`,
  )
  const now = Date.now()
  for (let i = 0; i < media; i++) {
    const [id, key, thumb] = [randomId(), makeKey('original', 'jpg'), makeKey('thumb', 'webp')]
    if (i >= lost) object.run(key, now, 200_000)
    object.run(thumb, now, 9_000)
    if (i % 10 === 0) object.run(makeKey('original', 'jpg'), now, 200_000)
    if (i < media / 2) {
      photo.run(id, key, now)
      variant.run(id, thumb)
      continue
    }
    due.run(key, now, id, 200_000)
    due.run(thumb, now, id, 9_000)
    const size = { width: 320, height: 240, type: 'image/webp', bytes: 9_000 }
    const content = {
      media: {
        id,
        key,
        owner: 'owner',
        kind: 'image',
        type: 'image/jpeg',
        bytes: 200_000,
        sha256,
        name: 'IMG_0001.jpg',
      },
      variants: [{ media_id: id, name: 'thumb', key: thumb, ...size }],
    }
    version.run(id, now - 1000, now, now, JSON.stringify(content))
  }
  for (const one of [bucket, db]) {
    one.exec('commit')
    one.close()
  }
}
