import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express from 'express'
import { createTintype, type Media } from 'tintype'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data. Everybody is one user here.
const tintype = await createTintype({ authenticate: () => 'me' })
const template = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8')

const app = express()

// The form goes here, as the web components do.
app.use('/api', tintype.router)

// tintype.js, once `vite build` has made it. Without it the page has its form, and works.
app.use(express.static(join(import.meta.dirname, 'dist')))

app.get('/', async (_req, res) => {
  const { media } = await tintype.media.list({ owner: 'me' })
  res.type('html').send(template.replace('<!-- photos -->', () => media.map(show).join('')))
})

app.post('/photos/:id/delete', async (req, res) => {
  await tintype.media.remove(req.params.id, { owner: 'me' })
  res.redirect(303, '/')
})

/** `alt` is empty where nobody has said what the photo shows: its caption or name stands below it. */
function show({ id, urls, width, height, name, caption, alt }: Media): string {
  const picture = urls.thumb ?? urls.poster
  const image = `<img src="${escapeHtml(picture ?? '')}" width="${width}" height="${height}" alt="${escapeHtml(alt ?? '')}">`
  return `<li><a href="/api/media/${id}/original">${picture ? image : 'Video'}</a><p>${escapeHtml(caption ?? name)}</p>
    <form method="post" action="/photos/${id}/delete"><button>Delete</button></form></li>`
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
