// A presigned PUT and a row, as tutorials write it: ROW=first inserts it before the browser sends the bytes, ROW=last after.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html
import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import express from 'express'
import { app, Bucket, listen, maxBytes, photos, s3 } from './photos.mjs'

const isRowFirst = process.env.ROW === 'first'
app.use(express.json())

app.post('/sign', async (req, res) => {
  const { name, type, size } = req.body
  if (!type.startsWith('image/')) return res.status(400).json({ error: 'only images' })
  if (size > maxBytes) return res.status(400).json({ error: 'too large' })
  const key = `${randomUUID()}-${name}`
  const command = new PutObjectCommand({ Bucket, Key: key, ContentType: type, ContentLength: size })
  const url = await getSignedUrl(s3, command, { expiresIn: 900 })
  const id = randomUUID()
  if (isRowFirst) photos.insert({ id, key, name, type })
  res.json({ id, key, url })
})

app.post('/photos', (req, res) => {
  const { id, key, name, type } = req.body
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
