// What the backends here share, where their own documentation leaves the records to the app: one table in SQLite, an S3 client
// from the environment, a list, and errors as Multer's README handles them.
import { DatabaseSync } from 'node:sqlite'
import { S3Client } from '@aws-sdk/client-s3'
import express from 'express'

const { S3_BUCKET, S3_ENDPOINT, PORT, DATABASE } = process.env

export const Bucket = S3_BUCKET
// Without WHEN_REQUIRED, what the SDK signs for a browser holds the checksum of an empty body.
export const s3 = new S3Client({
  endpoint: S3_ENDPOINT,
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
})
export const maxBytes = 10 * 1024 ** 2

const db = new DatabaseSync(DATABASE)
db.exec('pragma journal_mode = wal')
db.exec('create table if not exists photos (id text primary key, key text not null, name text, type text)')

export const photos = {
  insert: ({ id, key, name, type }) =>
    db.prepare('insert into photos (id, key, name, type) values (?, ?, ?, ?)').run(id, key, name, type),
  find: (id) => db.prepare('select * from photos where id = ?').get(id),
  update: (id, key) => db.prepare('update photos set key = ? where id = ?').run(key, id),
  remove: (id) => db.prepare('delete from photos where id = ?').run(id),
  all: () => db.prepare('select * from photos').all(),
}

export const app = express()
app.get('/photos', (_req, res) => res.json(photos.all()))

/** Call it when all routes are there. */
export function listen() {
  app.use((error, _req, res, _next) => {
    const isTheirs = error.name === 'MulterError' || error.status < 500
    res.status(isTheirs ? 400 : 500).json({ error: error.message })
  })
  app.listen(Number(PORT), '127.0.0.1')
}
