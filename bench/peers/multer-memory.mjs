// Multer's memory storage and PutObject, as tutorials write it. The SDK reads region, keys and endpoint from the
// environment. https://github.com/expressjs/multer#memorystorage
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import express from 'express'
import multer from 'multer'
import { listen } from './listen.mjs'

const s3 = new S3Client()
const upload = multer({ storage: multer.memoryStorage() })
const app = express()

app.get('/healthz', (_req, res) => res.json({ status: 'ok' }))
app.post('/upload', upload.single('file'), async (req, res) => {
  const key = `${randomUUID()}-${req.file.originalname}`
  await s3.send(
    new PutObjectCommand({
      Bucket: process.env.S3_BUCKET,
      Key: key,
      Body: req.file.buffer,
      ContentType: req.file.mimetype,
    }),
  )
  res.status(201).json({ key })
})

listen(createServer(app))
