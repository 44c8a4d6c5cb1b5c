// @tus/server on S3 with expiration, as its README says, and a row when an upload is finished.
// https://github.com/tus/tus-node-server/tree/main/packages/s3-store
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { S3Store } from '@tus/s3-store'
import { Server } from '@tus/server'
import { app, Bucket, listen, maxBytes, photos, s3 } from './photos.mjs'

const { S3_ENDPOINT } = process.env
const expirationPeriodInMilliseconds = 20_000
const datastore = new S3Store({
  partSize: 8 * 1024 ** 2,
  // As its README says where the storage has no tags.
  useTags: false,
  expirationPeriodInMilliseconds,
  s3ClientConfig: { bucket: Bucket, endpoint: S3_ENDPOINT, forcePathStyle: true },
})
const tus = new Server({
  path: '/files',
  datastore,
  maxSize: maxBytes,
  async onUploadCreate(_req, { metadata }) {
    if (!metadata?.filetype?.startsWith('image/')) throw { status_code: 415, body: 'only images' }
    return {}
  },
  async onUploadFinish(_req, { id, metadata }) {
    if (!photos.find(id)) photos.insert({ id, key: id, name: metadata?.filename, type: metadata?.filetype })
    return {}
  },
})

// Its clean-up, as its README has it run by a schedule, and what the lifecycle rule there would do, which goes by tags: the embedded S3 has neither.
app.post('/clean-up', async (_req, res) => {
  await tus.cleanUpExpiredUploads()
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  const keys = new Set(Contents.map(({ Key }) => Key))
  const isOver = ({ Key, LastModified }) =>
    /\.(info|part)$/.test(Key) &&
    !keys.has(Key.replace(/\.(info|part)$/, '')) &&
    Date.now() - LastModified > expirationPeriodInMilliseconds
  const Objects = Contents.filter(isOver).map(({ Key }) => ({ Key }))
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  res.status(204).end()
})
app.delete('/photos/:id', async (req, res) => {
  const photo = photos.find(req.params.id)
  if (!photo) return res.status(404).json({ error: 'not found' })
  const Objects = [{ Key: photo.key }, { Key: `${photo.key}.info` }]
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  photos.remove(photo.id)
  res.status(204).end()
})
app.all('/files', (req, res) => tus.handle(req, res))
app.all('/files/*rest', (req, res) => tus.handle(req, res))

listen()
