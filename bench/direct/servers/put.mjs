// One presigned URL for one PUT. Nothing is recorded and nothing looked into.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import express from 'express'
import { listen } from '../../peers/listen.mjs'
import { bucket, page } from './environment.mjs'

const s3 = new S3Client({
  region: bucket.region,
  endpoint: bucket.publicEndpoint,
  credentials: bucket.credentials,
  forcePathStyle: true,
  // Else the checksum of an empty body is signed into the URL.
  requestChecksumCalculation: 'WHEN_REQUIRED',
})
const app = express()
app.use(express.static(page))
app.post('/put-url', express.json(), async (req, res) => {
  const { name, type } = req.body
  const put = new PutObjectCommand({ Bucket: bucket.name, Key: `${randomUUID()}-${name}`, ContentType: type })
  res.json({ url: await getSignedUrl(s3, put, { expiresIn: 3600 }) })
})

listen(createServer(app))
