// @tus/server on S3, as its README says. https://github.com/tus/tus-node-server/tree/main/packages/s3-store
import { createServer } from 'node:http'
import { S3Store } from '@tus/s3-store'
import { Server } from '@tus/server'
import { listen } from './listen.mjs'

const datastore = new S3Store({
  partSize: 8 * 1024 * 1024,
  s3ClientConfig: { bucket: process.env.S3_BUCKET },
})
const tus = new Server({ path: '/files', datastore })

listen(
  createServer((req, res) => {
    if (req.url === '/healthz') return res.end('ok')
    return tus.handle(req, res)
  }),
)
