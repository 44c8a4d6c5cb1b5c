// As its README says. https://github.com/anacronw/multer-s3#usage
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { S3Client } from '@aws-sdk/client-s3'
import express from 'express'
import multer from 'multer'
import multerS3 from 'multer-s3'
import { listen } from './listen.mjs'

const upload = multer({
  storage: multerS3({
    s3: new S3Client(),
    bucket: process.env.S3_BUCKET,
    metadata: (_req, file, cb) => cb(null, { fieldName: file.fieldname }),
    key: (_req, _file, cb) => cb(null, randomUUID()),
  }),
})
const app = express()

app.get('/healthz', (_req, res) => res.json({ status: 'ok' }))
app.post('/upload', upload.single('file'), (req, res) => res.status(201).json({ key: req.file.key }))

listen(createServer(app))
