// The same backend, passing: each key is in a table of what is to be deleted before any byte is sent to it, and leaves
// that table in the transaction that makes the photo visible. What a crash leaves over is deleted when its time comes.
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const { S3_ENDPOINT = '', S3_BUCKET: Bucket = '', DATA = '', PORT } = process.env
// An upload has ended, one way or the other, long before its key is due.
const s3 = new S3Client({
  endpoint: S3_ENDPOINT,
  forcePathStyle: true,
  maxAttempts: 1,
  requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true },
})
const deadline = 8000
/** A request without an answer may still reach S3: such a key is deleted once more, so much later. */
const grace = 3000

const db = new DatabaseSync(`${DATA}/photos.db`)
db.exec(`create table if not exists photo (id text primary key, key text not null);
         create table if not exists due (key text primary key, at integer not null, times integer not null)`)
const schedule = (key: string, at: number) => db.prepare('insert into due values (?, ?, 0)').run(key, at)
const exists = (id: string) => db.prepare('select key from photo where id = ?').get(id)
const app = new Hono()

app.get('/photos', (c) => c.json(db.prepare('select id, key from photo').all()))

app.post('/photos', async (c) => {
  if (c.req.header('content-type') !== 'image/jpeg') return c.json({ error: 'only JPEG' }, 415)
  // The client's: a repetition finds what the first one made.
  const id = c.req.header('idempotency-key') ?? randomUUID()
  const Body = new Uint8Array(await c.req.arrayBuffer())
  if (exists(id)) return c.json({ id }, 200)
  const Key = randomUUID()
  schedule(Key, Date.now() + deadline)
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  const isOurs = transaction(() => {
    if (exists(id) || db.prepare('delete from due where key = ? and times = 0').run(Key).changes === 0)
      return false
    return db.prepare('insert into photo values (?, ?)').run(id, Key)
  })
  return isOurs || exists(id) ? c.json({ id }, 201) : c.json({ error: 'too slow' }, 503)
})

app.delete('/photos/:id', (c) => {
  const isGone = transaction(() => {
    const photo = exists(c.req.param('id'))
    if (photo) schedule(String(photo.key), Date.now())
    return photo && db.prepare('delete from photo where id = ?').run(c.req.param('id'))
  })
  return isGone ? c.body(null, 204) : c.json({ error: 'not found' }, 404)
})

function transaction<T>(work: () => T): T {
  db.exec('begin immediate')
  try {
    const result = work()
    db.exec('commit')
    return result
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}

async function sweep(): Promise<void> {
  const now = Date.now()
  for (const { key, times } of db.prepare('select key, times from due where at <= ?').all(now)) {
    // From now on no upload can make it visible.
    db.prepare('update due set times = max(times, 1) where key = ?').run(key as string)
    const Key = String(key)
    const isDone = await s3.send(new DeleteObjectCommand({ Bucket, Key })).then(
      () => true,
      () => false,
    )
    if (!isDone) continue
    if (Number(times) < 2)
      db.prepare('update due set times = 2, at = ? where key = ?').run(Date.now() + grace, Key)
    else db.prepare('delete from due where key = ?').run(Key)
  }
}

async function sweepAlways(): Promise<never> {
  for (;;) {
    await sweep()
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' })
void sweepAlways()
