import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { sizes, srcset } from '@tintype/client/images'
import express from 'express'
import { createTintype, type Media } from 'tintype'

// The app's tables live beside Tintype's in one database, so that one transaction can span both.
mkdirSync('data', { recursive: true })
const tintype = await createTintype({
  database: 'data/app.db',
  authenticate: () => 'me',
  // Photos of posts that were never saved (a crash, a form that was refused) go after an hour.
  claimWithin: 3600,
})
const db = new DatabaseSync('data/app.db', { timeout: 5000 })
db.exec(`
  create table if not exists post (id text primary key, text text not null, created_at integer not null);
  create table if not exists post_photo (
    post_id text not null references post (id),
    media_id text not null references tintype_media (id), -- a photo that a post shows can't be deleted by itself
    primary key (post_id, media_id)
  )`)

const app = express()
app.use('/api', tintype.router)

app.get('/', async (_req, res) => {
  const posts = await Promise.all(
    db.prepare('select id, text from post order by created_at desc').all().map(show),
  )
  res.type('html').send(page(posts.join('')))
})

/** The photos are uploaded and checked when this handler runs; the post and their claims are one transaction. */
app.post('/posts', tintype.upload('photo', { required: false }), async (req, res) => {
  // A field is a string, unless it came twice.
  const { text } = req.body as { text?: unknown }
  if (typeof text !== 'string' || !text.trim()) return void res.status(400).send('A post needs a text.')
  const id = randomUUID()
  await transaction(async () => {
    db.prepare('insert into post values (?, ?, ?)').run(id, text, Date.now())
    for (const media of req.media ?? []) {
      await tintype.media.claim(media.id, { by: `post:${id}`, trx: db })
      db.prepare('insert into post_photo values (?, ?)').run(id, media.id)
    }
  })
  res.redirect(303, '/')
})

/** Post and photos go together or not at all; the objects leave S3 once this has been committed. */
app.post('/posts/:id/delete', async (req, res) => {
  const { id } = req.params
  await transaction(async () => {
    const photos = photosOf(id)
    db.prepare('delete from post_photo where post_id = ?').run(id)
    db.prepare('delete from post where id = ?').run(id)
    for (const photo of photos) await tintype.media.remove(photo, { trx: db })
  })
  res.redirect(303, '/')
})

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

function photosOf(post: string): string[] {
  return db
    .prepare('select media_id from post_photo where post_id = ?')
    .all(post)
    .map((row) => String(row.media_id))
}

async function show({ id, text }: Record<string, unknown>): Promise<string> {
  const photos = await Promise.all(photosOf(String(id)).map((photo) => tintype.media.get(photo)))
  const pictures = photos
    .filter((photo): photo is Media => photo !== undefined)
    .map((photo) => {
      const { urls, name } = photo
      const shown = sizes(photo, { width: '160px' })
      return `<img src="${escapeHtml(urls.thumb ?? '')}" srcset="${escapeHtml(srcset(photo))}" sizes="${shown}" alt="${escapeHtml(name)}" width="160">`
    })
  return `<article><p>${escapeHtml(String(text))}</p>${pictures.join('')}
    <form method="post" action="/posts/${id}/delete"><button>Delete</button></form></article>`
}

function page(posts: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Posts</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }</style>
    <h1>Posts</h1>
    <form method="post" action="/posts" enctype="multipart/form-data">
      <p><label>Text <input name="text" required></label></p>
      <p><label>Photos <input name="photo" type="file" accept="image/*" multiple></label></p>
      <button>Post</button>
    </form>${posts}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
  db.close()
}
process.once('SIGTERM', close)
