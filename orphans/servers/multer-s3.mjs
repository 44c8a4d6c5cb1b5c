// As its README says, and a row. https://github.com/anacronw/multer-s3#usage
import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import multer from 'multer'
import multerS3 from 'multer-s3'
import { app, Bucket, listen, maxBytes, photos, s3 } from './photos.mjs'

const upload = multer({
  storage: multerS3({
    s3,
    bucket: Bucket,
    metadata: (_req, file, cb) => cb(null, { fieldName: file.fieldname }),
    key: (_req, _file, cb) => cb(null, randomUUID()),
  }),
  limits: { fileSize: maxBytes },
  fileFilter: (_req, file, cb) => cb(null, file.mimetype.startsWith('image/')),
})

app.post('/photos', upload.single('photo'), (req, res) => {
  if (!req.file) return res.status(400).json({ error: 'only images' })
  const id = randomUUID()
  photos.insert({ id, key: req.file.key, name: req.file.originalname, type: req.file.mimetype })
  res.status(201).json({ id })
})

app.put('/photos/:id', upload.single('photo'), async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  photos.update(photo.id, req.file.key)
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
