import { randomUUID } from 'node:crypto'
import nedb from '@seald-io/nedb'
import express from 'express'
import { createTintype, type Media } from 'tintype'

// The types of the package have the class as `default`; Node gives the class itself.
const Datastore = nedb as unknown as typeof nedb.default

interface Post {
  _id: string
  text: string
  /** Ids of media. */
  photos: string[]
  createdAt: number
}

// Documents in a file of their own; MongoDB has the same methods. No transaction spans them and Tintype's rows.
const posts = new Datastore<Post>({ filename: 'data/posts.db', autoload: true })

const tintype = await createTintype({
  authenticate: () => 'me',
  // A photo whose post was never written goes after an hour. Before that, Tintype asks here whether there is one: a crash
  // may have come between the post and its claim.
  claimWithin: 3600,
  findClaim: async ({ id }) => {
    const post = await posts.findOneAsync({ photos: id })
    return post && claimOf(post._id)
  },
})

const app = express()
app.use('/api', tintype.router)

app.get('/', async (_req, res) => {
  const found = await posts.findAsync({}).sort({ createdAt: -1 })
  res.type('html').send(page((await Promise.all(found.map(show))).join('')))
})

/** The photos are uploaded and checked when this handler runs. */
app.post('/posts', tintype.upload('photo', { required: false }), async (req, res) => {
  // A field is a string, unless it came twice.
  const { text } = req.body as { text?: unknown }
  if (typeof text !== 'string' || !text.trim()) return void res.status(400).send('A post needs a text.')
  const photos = (req.media ?? []).map((one) => one.id)
  const post = { _id: randomUUID(), text, photos, createdAt: Date.now() }
  await tintype.media.attach(photos, {
    by: claimOf(post._id),
    insert: () => posts.insertAsync(post),
    undo: () => posts.removeAsync({ _id: post._id }, {}),
  })
  res.redirect(303, '/')
})

/** May be sent again when it has failed half-way. */
app.post('/posts/:id/delete', async (req, res) => {
  const { id } = req.params
  const post = await posts.findOneAsync({ _id: id })
  if (post) {
    await tintype.media.detach(post.photos, {
      by: claimOf(id),
      remove: () => posts.removeAsync({ _id: id }, {}),
    })
  }
  res.redirect(303, '/')
})

function claimOf(post: string): string {
  return `post:${post}`
}

async function show({ _id, text, photos }: Post): Promise<string> {
  const media = await Promise.all(photos.map((id) => tintype.media.get(id)))
  const pictures = media
    .filter((one): one is Media => one !== undefined)
    .map(
      ({ urls, name }) =>
        `<img src="${escapeHtml(urls.thumb ?? urls.original)}" alt="${escapeHtml(name)}" width="160">`,
    )
  return `<article><p>${escapeHtml(text)}</p>${pictures.join('')}
    <form method="post" action="/posts/${_id}/delete"><button>Delete</button></form></article>`
}

function page(articles: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Posts</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }</style>
    <h1>Posts</h1>
    <form method="post" action="/posts" enctype="multipart/form-data">
      <p><label>Text <input name="text" required></label></p>
      <p><label>Photos <input name="photo" type="file" accept="image/*" multiple></label></p>
      <button>Post</button>
    </form>${articles}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
