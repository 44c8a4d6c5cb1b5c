// Uppy Companion as a part of an Express app, by which Uppy's S3 plugin uploads directly, and a row once it has ("upload-success").
// https://uppy.io/docs/companion/#s3-options
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import * as companion from '@uppy/companion'
import bodyParser from 'body-parser'
import session from 'express-session'
import { app, Bucket, listen, maxBytes, photos, s3 } from './photos.mjs'

const { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, DATABASE, PORT } = process.env
const filePath = join(dirname(DATABASE), 'companion')
mkdirSync(filePath, { recursive: true })

app.use(bodyParser.json())
app.use(session({ secret: 'some secret', resave: false, saveUninitialized: false }))
const { app: companionApp } = companion.app({
  s3: {
    getKey: ({ filename }) => `${randomUUID()}-${filename}`,
    key: AWS_ACCESS_KEY_ID,
    secret: AWS_SECRET_ACCESS_KEY,
    bucket: Bucket,
    region: AWS_REGION,
    endpoint: S3_ENDPOINT,
    forcePathStyle: true,
    conditions: [['content-length-range', 0, maxBytes]],
  },
  server: { host: `127.0.0.1:${PORT}`, protocol: 'http', path: '/companion' },
  corsOrigins: true,
  filePath,
  secret: 'some secret',
})
app.use('/companion', companionApp)

app.post('/photos', (req, res) => {
  const id = randomUUID()
  const { key, name, type } = req.body
  photos.insert({ id, key, name, type })
  res.status(201).json({ id })
})

app.delete('/photos/:id', async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  await s3.send(new DeleteObjectCommand({ Bucket, Key: photo.key }))
  photos.remove(photo.id)
  res.status(204).end()
})

listen()
