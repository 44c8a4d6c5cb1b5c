// Multer's memory storage, a thumbnail by sharp and two PutObjects, as tutorials write it.
// https://sharp.pixelplumbing.com/api-resize/
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import express from 'express'
import multer from 'multer'
import sharp from 'sharp'
import { listen } from './listen.mjs'

const s3 = new S3Client()
const upload = multer({ storage: multer.memoryStorage() })
const app = express()

app.get('/healthz', (_req, res) => res.json({ status: 'ok' }))
app.post('/upload', upload.single('file'), async (req, res) => {
  const key = randomUUID()
  const thumb = await sharp(req.file.buffer)
    .autoOrient()
    .resize(320, 320, { fit: 'inside' })
    .webp()
    .toBuffer()
  const put = (Key, Body, ContentType) =>
    s3.send(new PutObjectCommand({ Bucket: process.env.S3_BUCKET, Key, Body, ContentType }))
  await Promise.all([
    put(`${key}/original`, req.file.buffer, req.file.mimetype),
    put(`${key}/thumb`, thumb, 'image/webp'),
  ])
  res.status(201).json({ key })
})

listen(createServer(app))
