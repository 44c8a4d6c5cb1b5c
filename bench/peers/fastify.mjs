// @fastify/multipart's stream into lib-storage's Upload, as both READMEs say; the limit of 1 MB is lifted.
// https://github.com/fastify/fastify-multipart#usage
import { randomUUID } from 'node:crypto'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import multipart from '@fastify/multipart'
import createFastify from 'fastify'

const client = new S3Client()
const fastify = createFastify()
await fastify.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY } })

fastify.get('/healthz', async () => ({ status: 'ok' }))
fastify.post('/upload', async (req, reply) => {
  const data = await req.file()
  const key = randomUUID()
  const params = { Bucket: process.env.S3_BUCKET, Key: key, Body: data.file, ContentType: data.mimetype }
  await new Upload({ client, params }).done()
  return reply.code(201).send({ key })
})

const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening on ${address}`)
