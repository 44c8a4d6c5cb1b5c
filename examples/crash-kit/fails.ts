// A backend as one writes it in ten minutes: it works, until it dies between two lines.
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const { S3_ENDPOINT = '', S3_BUCKET: Bucket = '', DATA = '', PORT } = process.env
const s3 = new S3Client({ endpoint: S3_ENDPOINT, forcePathStyle: true })
const db = new DatabaseSync(`${DATA}/photos.db`)
db.exec('create table if not exists photo (id text primary key, key text not null)')
const app = new Hono()

app.get('/photos', (c) => c.json(db.prepare('select id, key from photo').all()))

app.post('/photos', async (c) => {
  if (c.req.header('content-type') !== 'image/jpeg') return c.json({ error: 'only JPEG' }, 415)
  const [id, Key] = [randomUUID(), randomUUID()]
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: new Uint8Array(await c.req.arrayBuffer()) }))
  // Killed here, the object stays for ever: nothing knows its key.
  db.prepare('insert into photo values (?, ?)').run(id, Key)
  return c.json({ id }, 201)
})

app.delete('/photos/:id', async (c) => {
  const photo = db.prepare('select key from photo where id = ?').get(c.req.param('id'))
  if (!photo) return c.json({ error: 'not found' }, 404)
  await s3.send(new DeleteObjectCommand({ Bucket, Key: String(photo.key) }))
  // Killed here, the list shows a photo that can't be loaded.
  db.prepare('delete from photo where id = ?').run(c.req.param('id'))
  return c.body(null, 204)
})

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' })
