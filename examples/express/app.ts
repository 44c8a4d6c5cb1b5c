import { join } from 'node:path'
import express from 'express'
import session from 'express-session'
import multer from 'multer'
import { createTintype } from 'tintype'

declare module 'express-session' {
  interface SessionData {
    user: string
  }
}

// No bucket, no database: an S3 server inside this process and SQLite, below ./data.
const tintype = await createTintype({ authenticate: (req) => req.session.user })

const app = express()
app.use(session({ secret: process.env.SECRET ?? 'change me', resave: false, saveUninitialized: false }))

// Your own way to sign in. A real one asks for more than a name.
app.post('/login', express.urlencoded(), (req, res) => {
  req.session.user = req.body.user
  res.redirect(303, '/')
})

// The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ...
app.use('/api', tintype.router)

// Your own route with photos in it.
app.post('/posts', tintype.upload('photo'), (req, res) => {
  res.status(201).json({ text: req.body.text, photos: req.media })
})

// Multer as you have it already, with Tintype as its storage.
const upload = multer({ storage: tintype.storage() })
app.post('/avatar', upload.single('avatar'), (req, res) => {
  res.status(201).json(req.file)
})

app.get('/', (_req, res) => res.sendFile('page.html', { root: join(import.meta.dirname, '..') }))

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
