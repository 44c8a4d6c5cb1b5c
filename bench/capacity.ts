/**
 * What one upload asks of everything, for docs/scaling.md: CPU of the server and its children, operations on S3,
 * transactions that write and WAL of Postgres. The ready server on Postgres, with the embedded S3's server in a process of its own.
 *
 *   node bench/capacity.ts postgres://user@127.0.0.1/empty_database [UPLOADS] [CALLERS]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalS3 } from '@tintype/local-s3'
import pg from 'pg'
import { photo } from '../test/media/photos.ts'
import { begin, complete, send } from '../test/support/direct.ts'
import { startProcess, startS3Process } from '../test/support/process.ts'
import { upload } from '../test/support/server.ts'
import { cpuOf } from './harness/processes.ts'

const [url = '', uploads = '300', callers = '16'] = process.argv.slice(2)
const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
const identities = join(directory, 'identities.json')
const key = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' }
await writeFile(identities, JSON.stringify([key]))
// Makes the bucket, which the command for the process can't.
const s3Directory = join(directory, 's3')
await (await startLocalS3({ directory: s3Directory, identities: [key], buckets: ['photos'] })).close()
const s3 = await startS3Process({ directory: s3Directory, identities })
const server = await startProcess({
  TINTYPE_DATA: directory,
  DATABASE_URL: url,
  S3_BUCKET: 'photos',
  S3_ENDPOINT: s3.url,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
})
const control = new pg.Client({ connectionString: url })
await control.connect()
const jpeg = await photo({ width: 1100, height: 800 })
const made: string[] = []

console.log(`${uploads} photos of ${jpeg.length} bytes, ${callers} at once`)
console.log('              per s   ms CPU   writes   WAL bytes   S3')
await inTurns(20, form)
await measure('form', form)
await measure('direct', direct)
await measure('view', view)
await measure('delete', remove)

await server.kill()
await control.end()
await s3.stop()
await rm(directory, { recursive: true })

async function form(): Promise<void> {
  const response = await upload(server.url, { bytes: jpeg })
  const body = (await response.json()) as { media: { id: string }[] }
  made.push(body.media[0]?.id ?? '')
}

async function direct(): Promise<void> {
  const session = await begin(server.url, jpeg)
  if (session.put) await (await send(session.put, jpeg)).arrayBuffer()
  await (await complete(server.url, session)).arrayBuffer()
}

async function view(index: number): Promise<void> {
  await (await fetch(`${server.url}/api/media/${made[index]}`)).arrayBuffer()
}

async function remove(index: number): Promise<void> {
  await fetch(`${server.url}/api/media/${made[index]}`, { method: 'DELETE' })
}

async function measure(name: string, work: (index: number) => Promise<void>): Promise<void> {
  const before = await snapshot()
  const begun = performance.now()
  await inTurns(Number(uploads), work)
  const seconds = (performance.now() - begun) / 1000
  const after = await snapshot()
  const per = (field: 'cpu' | 'writes' | 'wal', digits: number) =>
    ((after[field] - before[field]) / Number(uploads)).toFixed(digits)
  const operations = [...after.s3].map(([operation, n]) => {
    const each = (n - (before.s3.get(operation) ?? 0)) / Number(uploads)
    return each > 0 ? `${operation} ${each.toFixed(2)}` : ''
  })
  console.log(
    name.padEnd(10),
    (Number(uploads) / seconds).toFixed(0).padStart(8),
    per('cpu', 2).padStart(8),
    per('writes', 2).padStart(9),
    per('wal', 0).padStart(11),
    ` ${operations.filter(Boolean).join(', ')}`,
  )
}

async function snapshot() {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const counted = metrics.matchAll(/^tintype_s3_requests_total\{operation="(\w+)",outcome="ok"\} (\d+)$/gm)
  const s3 = new Map(Array.from(counted, ([, operation = '', n]) => [operation, Number(n)]))
  const cpu = cpuOf(server.child.pid ?? 0)
  const { rows } = await control.query(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal,
     pg_snapshot_xmax(pg_current_snapshot())::text::float8 as writes`,
  )
  return { cpu, s3, ...(rows[0] as { wal: number; writes: number }) }
}

async function inTurns(total: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const caller = async () => {
    for (let i = next++; i < total; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: Number(callers) }, caller))
}
