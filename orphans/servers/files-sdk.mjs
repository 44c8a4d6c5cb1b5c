// The gateway of files-sdk, by which browsers upload to S3 directly, and a row once they have. Its validation plugin would send the bytes through
// this process. https://files-sdk.dev/docs/ui/server/express
import { randomUUID } from 'node:crypto'
import express from 'express'
import { createFiles } from 'files-sdk'
import { createFilesRouter } from 'files-sdk/api'
import { createRouteHandler } from 'files-sdk/express'
import { s3 } from 'files-sdk/s3'
import { app, Bucket, listen, maxBytes, photos } from './photos.mjs'

const files = createFiles({
  adapter: s3({ bucket: Bucket, endpoint: process.env.S3_ENDPOINT, forcePathStyle: true }),
})
const router = createFilesRouter({
  files,
  operations: ['upload'],
  maxUploadSize: maxBytes,
  secret: 'the same after a restart',
})
app.all('/api/files', createRouteHandler(router))

app.post('/photos', express.json(), (req, res) => {
  const id = randomUUID()
  const { key, name, type } = req.body
  photos.insert({ id, key, name, type })
  res.status(201).json({ id })
})

app.delete('/photos/:id', async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  await files.delete(photo.key)
  photos.remove(photo.id)
  res.status(204).end()
})

listen()
