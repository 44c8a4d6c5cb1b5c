import express from 'express'
import { createTintype } from 'tintype'

// Yours: who has which token.
const users = new Map([
  ['Bearer of-ann', 'ann'],
  ['Bearer of-bob', 'bob'],
])

// No bucket, no database: an S3 server inside this process and SQLite, below ./data.
const tintype = await createTintype({
  authenticate: (req) => users.get(req.headers.authorization ?? ''),
})

const app = express()

// The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ...
app.use('/api', tintype.router)

// Your own route with photos in it.
app.post('/posts', tintype.upload('photo'), (req, res) => {
  res.status(201).json({ text: req.body.text, photos: req.media })
})

app.get('/', (_req, res) => res.sendFile('page.html', { root: import.meta.dirname }))

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
