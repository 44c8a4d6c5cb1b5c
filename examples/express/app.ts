import express from 'express'
import multer from 'multer'
import { createTintype } from 'tintype'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data.
const tintype = await createTintype({ authenticate: 'this-machine' })
const app = express()

// The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ...
app.use('/api', tintype.router)

// Your own route with files in it.
app.post('/posts', tintype.upload('photo'), (req, res) => {
  res.status(201).json({ text: req.body.text, photos: req.media })
})

// Multer as you have it already, with Tintype as its storage.
const upload = multer({ storage: tintype.storage() })
app.post('/avatar', upload.single('avatar'), (req, res) => {
  res.status(201).json(req.file)
})

const server = app.listen(Number(process.argv[2] ?? 4000), '127.0.0.1', () => {
  console.log(`listening on ${JSON.stringify(server.address())}`)
})
process.once('SIGTERM', async () => {
  server.close()
  await tintype.close()
})
