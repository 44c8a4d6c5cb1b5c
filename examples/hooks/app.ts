import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'
import sharp from 'sharp'
import { createTintype, type Hooks, refuse, type SqliteTransaction } from 'tintype'

const mostPhotos = 10
const mark = Buffer.from('<svg width="96" height="24"><text x="4" y="18" fill="#fff8">© example</text></svg>')

const hooks: Hooks = {
  /** Before a byte is taken, or a URL signed. */
  beforeUpload({ owner }) {
    const row = db.prepare('select count(*) as count from album where owner = ?').get(owner)
    if (Number(row?.count) >= mostPhotos) {
      throw refuse('You have ten photos already.', { status: 403, code: 'too_many_photos' })
    }
  },

  /** Between inspection and storage. What it returns is inspected like what was sent. */
  async transform({ bytes, type, width, height, name }) {
    if (!type.startsWith('image/')) return
    if (width < 32 || height < 24)
      throw refuse('The photo is too small: send one of at least 32 x 24 pixels.')
    const today = new Date().toISOString().slice(0, 10)
    const picture = sharp(bytes).autoOrient()
    if (width >= 96 && height >= 24) picture.composite([{ input: mark, gravity: 'southeast' }])
    return { bytes: await picture.toBuffer(), name: `${today} ${name}` }
  },

  /** In the transaction that makes the photo visible: this row and the photo appear together, or not at all. */
  ready({ id }, { trx, owner, fields }) {
    const album = typeof fields.album === 'string' ? fields.album : 'all'
    inside(trx).prepare('insert into album (media, owner, name) values (?, ?, ?)').run(id, owner, album)
  },

  /** The same way back. */
  removed({ id }, { trx }) {
    inside(trx).prepare('delete from album where media = ?').run(id)
  },
}

/** This app's database is SQLite. */
const inside = (trx: unknown) => trx as SqliteTransaction

mkdirSync('data', { recursive: true })
const tintype = await createTintype({
  database: 'data/app.db',
  authenticate: (req) => req.headers.authorization ?? 'me',
  hooks,
})
const db = new DatabaseSync('data/app.db', { timeout: 5000 })
db.exec(`create table if not exists album (
  media text primary key references tintype_media (id),
  owner text not null,
  name text not null
)`)

const app = express()
app.use('/api', tintype.router)
app.post('/photos', tintype.upload('photo'), (req, res) => void res.status(201).json(req.media))
app.get('/albums', (_req, res) => void res.json(db.prepare('select media, name from album').all()))

app.get('/', (_req, res) => res.sendFile('page.html', { root: import.meta.dirname }))

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
  db.close()
}
process.once('SIGTERM', close)
