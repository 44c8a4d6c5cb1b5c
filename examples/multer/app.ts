import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import express, { type ErrorRequestHandler } from 'express'
import multer, { MulterError } from 'multer'
import sharp from 'sharp'
import { createTintype, type Media, TintypeError } from 'tintype'

// No bucket is named: an S3 server inside this process keeps the photos, below ./data. The app's table lies beside Tintype's.
mkdirSync('data', { recursive: true })
const tintype = await createTintype({
  database: 'data/app.db',
  authenticate: () => 'me',
  // Photos whose record was never written (a crash between the two) go after an hour.
  claimWithin: 3600,
})
const db = new DatabaseSync('data/app.db', { timeout: 5000 })
db.exec(`create table if not exists picture (
  id text primary key,
  title text not null,
  media_id text not null references tintype_media (id)
)`)

const app = express()
app.use('/api', tintype.router)

// The usual way: Multer keeps the file in memory, so that the app can look at it and change it before it goes to S3.
const inMemory = multer({ storage: multer.memoryStorage(), limits: { fileSize: 10 * 1024 * 1024, files: 1 } })

app.post('/pictures', inMemory.single('image'), async (req, res) => {
  if (req.file) {
    req.file.buffer = await sharp(req.file.buffer)
      .autoOrient()
      .resize(1600, 1600, { fit: 'inside', withoutEnlargement: true })
      .toBuffer()
    req.file.originalname = `${titleOf(req)}.jpg`
  }
  const media = await tintype.media.create(req.file, { owner: 'me' })
  res.status(201).json(await addPicture(titleOf(req), media))
})

// The shorter way: each file goes to S3 as it comes, and is a media when the handler runs.
const toTintype = multer({ storage: tintype.storage() })

app.post('/albums', toTintype.array('images', 5), async (req, res) => {
  const pictures = []
  for (const { media, originalname } of req.files as Express.Multer.File[]) {
    if (media) pictures.push(await addPicture(originalname, media))
  }
  res.status(201).json(pictures)
})

// The bucket is private: pictures are seen through signed URLs, which are made anew each time.
app.get('/pictures', async (_req, res) => {
  const rows = db.prepare('select id, title, media_id from picture order by rowid desc').all()
  const pictures = rows.map(async ({ id, title, media_id }) => {
    const media = await tintype.media.get(String(media_id))
    return { id, title, url: media?.urls.original, thumb: media?.urls.thumb }
  })
  res.json(await Promise.all(pictures))
})

// Find the record, delete it and the media in one transaction; once it has committed, the object leaves S3.
app.delete('/pictures/:id', async (req, res) => {
  const picture = db.prepare('select media_id from picture where id = ?').get(req.params.id)
  if (!picture) return void res.sendStatus(404)
  await transaction(async () => {
    db.prepare('delete from picture where id = ?').run(req.params.id)
    await tintype.media.remove(String(picture.media_id), { trx: db })
  })
  res.sendStatus(204)
})

app.get('/', (_req, res) => res.sendFile('page.html', { root: import.meta.dirname }))

// Errors of Tintype and of Multer come here, as those of every middleware do.
const answerErrors: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof TintypeError) {
    const message = error.expose ? error.message : 'Try again later.'
    res.status(error.status).set(error.headers).json({ code: error.code, message })
  } else if (error instanceof MulterError) res.status(400).json({ code: error.code, message: error.message })
  else next(error)
}
app.use(answerErrors)

/** The record and its claim on the media are one transaction: there is never one without the other. */
async function addPicture(title: string, media: Media) {
  const id = randomUUID()
  await transaction(async () => {
    db.prepare('insert into picture (id, title, media_id) values (?, ?, ?)').run(id, title, media.id)
    await tintype.media.claim(media.id, { by: `picture:${id}`, trx: db })
  })
  return { id, title, url: media.urls.original }
}

function titleOf({ body }: express.Request): string {
  return typeof body.title === 'string' && body.title !== '' ? body.title : 'Untitled'
}

let last: Promise<unknown> = Promise.resolve()

/** One connection carries one transaction at a time: the next waits for the one before. */
function transaction(work: () => Promise<void>): Promise<void> {
  const run = async () => {
    db.exec('begin immediate')
    try {
      await work()
      db.exec('commit')
    } catch (error) {
      db.exec('rollback')
      throw error
    }
  }
  const result = last.then(run)
  last = result.catch(() => {})
  return result
}

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
  db.close()
}
process.once('SIGTERM', close)
