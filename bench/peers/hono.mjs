// Hono's parseBody and PutObject, as its documentation says. https://hono.dev/docs/api/request#parsebody
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { listen } from './listen.mjs'

const s3 = new S3Client()
const app = new Hono()

app.get('/healthz', (c) => c.json({ status: 'ok' }))
app.post('/upload', async (c) => {
  const { file } = await c.req.parseBody()
  const key = `${randomUUID()}-${file.name}`
  const body = Buffer.from(await file.arrayBuffer())
  await s3.send(
    new PutObjectCommand({ Bucket: process.env.S3_BUCKET, Key: key, Body: body, ContentType: file.type }),
  )
  return c.json({ key }, 201)
})

listen(createServer(getRequestListener(app.fetch)))
