// Multer's memory storage, PutObject and a row, as tutorials write it.
// https://github.com/expressjs/multer#memorystorage
import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import multer from 'multer'
import { app, Bucket, listen, maxBytes, photos, s3 } from './photos.mjs'

const upload = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: maxBytes },
  fileFilter: (_req, file, cb) => cb(null, file.mimetype.startsWith('image/')),
})

async function store(file) {
  const key = `${randomUUID()}-${file.originalname}`
  await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: file.buffer, ContentType: file.mimetype }))
  return key
}

app.post('/photos', upload.single('photo'), async (req, res) => {
  if (!req.file) return res.status(400).json({ error: 'only images' })
  const key = await store(req.file)
  const id = randomUUID()
  photos.insert({ id, key, name: req.file.originalname, type: req.file.mimetype })
  res.status(201).json({ id })
})

app.put('/photos/:id', upload.single('photo'), async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  const key = await store(req.file)
  photos.update(photo.id, key)
  await s3.send(new DeleteObjectCommand({ Bucket, Key: photo.key }))
  res.json({ id: photo.id })
})

app.delete('/photos/:id', async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  await s3.send(new DeleteObjectCommand({ Bucket, Key: photo.key }))
  photos.remove(photo.id)
  res.status(204).end()
})

listen()
