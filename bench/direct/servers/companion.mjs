// Companion in an Express app, with the options for S3 that its manual names. https://uppy.io/docs/companion
import { randomBytes } from 'node:crypto'
import { Agent, createServer } from 'node:http'
import { connect } from 'node:net'
import { app as createCompanion } from '@uppy/companion'
import express from 'express'
import { listen } from '../../peers/listen.mjs'
import { bucket, directory, page } from './environment.mjs'

// Companion knows one endpoint, which is signed into the URLs for browsers. Its own requests take the short way.
const { hostname: host, port } = new URL(bucket.endpoint)
const httpAgent = new Agent({ keepAlive: true })
httpAgent.createConnection = () => connect(Number(port), host)

const { app: api } = createCompanion({
  s3: {
    key: bucket.credentials.accessKeyId,
    secret: bucket.credentials.secretAccessKey,
    bucket: bucket.name,
    region: bucket.region,
    endpoint: bucket.publicEndpoint,
    forcePathStyle: true,
    // Without the second one the checksum of an empty body is signed into the URLs, and S3 refuses what comes.
    awsClientOptions: { requestHandler: { httpAgent }, requestChecksumCalculation: 'WHEN_REQUIRED' },
  },
  server: { protocol: 'http', host: 'localhost' },
  filePath: directory,
  secret: randomBytes(32).toString('hex'),
  uploadUrls: [bucket.publicEndpoint],
  corsOrigins: [],
})
const app = express()
app.use(express.static(page))
app.use('/companion', api)

listen(createServer(app))
