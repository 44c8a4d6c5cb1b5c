/**
 * What the ledger asks of Postgres: transactions that write, bytes of WAL, CPU of the server and of the client, for each operation,
 * with the statements that Tintype runs. For docs/scaling.md.
 *
 *   node bench/ledger.ts postgres://user@127.0.0.1/empty_database [OPERATIONS] [CALLERS]
 *
 * Postgres has to run on this machine (its CPU is read off /proc), and the user has to be a superuser.
 */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { createKeys } from '../packages/tintype/src/bucket/keys.ts'
import { randomId } from '../packages/tintype/src/ids.ts'
import type { PublishedMedia } from '../packages/tintype/src/records/ledger-types.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'

const { makeKey } = createKeys()

const [url = '', operations = '20000', callers = '64'] = process.argv.slice(2)
const count = Number(operations)
const width = Number(callers)
const day = 86_400_000
const lease = 60_000
const row = { upload_id: null, writable_until: null, recheck: 0, attempts: 0, error: null }
const records = await openRecords(url)
const control = new pg.Client({ connectionString: url })
await control.connect()
await control.query('truncate media, variant, upload, part, sweep')

console.log(`${count} operations, ${width} at once`)
console.log('operation   per s   writes   WAL bytes (page images)   ms CPU Postgres   ms CPU Node')
const made: PublishedMedia[] = []
// Not counted: statements get prepared, files of the WAL exist.
await inTurns(Math.ceil(count / 10), async () => void (await upload()))
await measure('upload', async () => void made.push(await upload()))
const [{ bytes = 0 } = {}] = await ask(
  "select (pg_total_relation_size('tintype_media') + pg_total_relation_size('tintype_variant'))::float8 as bytes",
)
await measure('direct', directUpload)
await measure('view', async (i) => void (await records.media.find(made[i]?.media.id ?? '', 'bench')))
await measure('list 50', async () => void (await records.media.list({ owner: 'bench' }, { limit: 50 })))
await measure('delete', remove)
await sweep()
console.log(`one media with its variant takes ${Math.round(bytes / (count * 1.1))} bytes, with indexes`)
await control.end()
await records.close()

async function upload(): Promise<PublishedMedia> {
  const dueAt = Date.now() + day
  const one = newMedia(dueAt)
  await records.ledger.reserve(
    one.pending.map((held) => held.key),
    dueAt,
  )
  await records.ledger.publish([one])
  return one
}

/** Two writes to begin, one to end; the key that the browser wrote to is swept later. */
async function directUpload(): Promise<void> {
  const dueAt = Date.now() + day
  const [id, key, one] = [randomId(), makeKey('original', 'jpg'), newMedia(dueAt)]
  await records.ledger.reserve([key], dueAt)
  const announced = { name: 'photo.jpg', type: 'image/jpeg', bytes: 200_000, sha256: 'a'.repeat(64) }
  const unset = { caption: null, part_bytes: null, s3_upload_id: null, media_id: null, refusal: null }
  const unscanned = {
    scanning_until: null,
    form: null,
    form_index: null,
    privacy: null,
    fields: null,
    way: null,
  }
  const request = { request_key: null, request_hash: null, created_at: dueAt, expires_at: dueAt }
  await records.uploads.open({
    id,
    owner: 'bench',
    key,
    due_at: dueAt,
    ...announced,
    ...unset,
    ...unscanned,
    ...request,
  })
  await records.ledger.reserve(
    one.pending.map((held) => held.key),
    dueAt,
  )
  await records.ledger.publish([{ ...one, uploadId: id }])
}

/** As DELETE does it: out of sight, then S3 (left out here), then off the list. */
async function remove(index: number): Promise<void> {
  const leaseEnd = Date.now() + lease
  const keys = await records.ledger.remove(made[index]?.media.id ?? '', 'bench', leaseEnd)
  for (const { key } of keys ?? []) await records.sweep.forget({ ...row, key, due_at: leaseEnd })
}

/** As the sweeper does it, S3 left out: 40 are claimed, and struck off 8 at a time. */
async function sweep(): Promise<void> {
  const keys = Array.from({ length: count }, () => makeKey('original', 'jpg'))
  for (let at = 0; at < count; at += 5000) await records.audit.scheduleDeletion(keys.slice(at, at + 5000), 0)
  let left = Math.floor(count / 40)
  const batch = async () => {
    if (left-- <= 0) return
    const rows = await records.sweep.lease(1, Date.now() + lease, 40)
    await inTurns(rows.length, async (i) => records.sweep.forget(rows[i] as (typeof rows)[number]), 8)
  }
  await measure('sweep key', async (i) => void (i % 40 === 0 && (await batch())), 2)
}

async function measure(name: string, work: (index: number) => Promise<void>, atOnce = width): Promise<void> {
  const before = await snapshot()
  const begun = performance.now()
  await inTurns(count, work, atOnce)
  const seconds = (performance.now() - begun) / 1000
  const after = await snapshot()
  const per = (key: keyof typeof before, digits: number) =>
    ((after[key] - before[key]) / count).toFixed(digits)
  console.log(
    name.padEnd(9),
    String(Math.round(count / seconds)).padStart(7),
    per('writes', 2).padStart(9),
    `${per('wal', 0).padStart(11)} (${per('images', 2)})`.padEnd(25),
    per('server', 3).padStart(17),
    per('client', 3).padStart(13),
  )
}

async function inTurns(total: number, work: (index: number) => Promise<void>, atOnce = width): Promise<void> {
  let next = 0
  const caller = async () => {
    for (let i = next++; i < total; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
}

async function snapshot() {
  // The counters of a backend are handed in when it is idle for a moment.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const [counters = {}] = await ask(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal,
     (select wal_fpi::float8 from pg_stat_wal) as images,
     pg_snapshot_xmax(pg_current_snapshot())::text::float8 as writes`,
  )
  const pids = await ask('select pid from pg_stat_activity')
  const { wal = 0, images = 0, writes = 0 } = counters
  const server = pids.reduce((sum, { pid = 0 }) => sum + cpuOf(pid), 0)
  const { user, system } = process.cpuUsage()
  return { wal, images, writes, server, client: (user + system) / 1000 }
}

async function ask(sql: string): Promise<Record<string, number>[]> {
  return (await control.query(sql)).rows
}

/** Milliseconds; the kernel counts in hundredths of a second. */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

function newMedia(dueAt: number): PublishedMedia {
  const id = randomId()
  const [original, thumb] = [makeKey('original', 'jpg'), makeKey('thumb', 'webp')]
  const size = { width: 4000, height: 3000 }
  return {
    media: {
      id,
      owner: 'bench',
      key: original,
      kind: 'image',
      type: 'image/jpeg',
      bytes: 200_000,
      sha256: 'a'.repeat(64),
      ...size,
      name: 'IMG_0001.jpg',
      placeholder: `data:image/webp;base64,${'A'.repeat(120)}`,
      created_at: dueAt,
    },
    variants: [
      { media_id: id, name: 'thumb', key: thumb, type: 'image/webp', bytes: 9000, width: 320, height: 240 },
    ],
    pending: [original, thumb].map((key) => ({ key, dueAt })),
  }
}
