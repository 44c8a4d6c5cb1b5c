// better-upload as its quickstart has it for Express, and a row once the form is sent, with the object's key, as in its guide on forms.
// https://better-upload.com/docs/quickstart
import { randomUUID } from 'node:crypto'
import { route } from '@better-upload/server'
import { toNodeHandler } from '@better-upload/server/adapters/node'
import { custom } from '@better-upload/server/clients'
import { deleteObject } from '@better-upload/server/helpers'
import express from 'express'
import { app, Bucket, listen, maxBytes, photos } from './photos.mjs'

const { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
const client = custom({
  host: new URL(S3_ENDPOINT).host,
  secure: false,
  forcePathStyle: true,
  region: AWS_REGION,
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
})

app.post(
  '/upload',
  toNodeHandler({
    client,
    bucketName: Bucket,
    routes: { photo: route({ fileTypes: ['image/*'], maxFileSize: maxBytes }) },
  }),
)

app.post('/photos', express.json(), (req, res) => {
  const id = randomUUID()
  const { key, name, type } = req.body
  photos.insert({ id, key, name, type })
  res.status(201).json({ id })
})

app.delete('/photos/:id', async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  await deleteObject(client, { bucket: Bucket, key: photo.key })
  photos.remove(photo.id)
  res.status(204).end()
})

listen()
