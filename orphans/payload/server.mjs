// Payload with its S3 storage and clientUploads, its REST API served by Hono as the comment on its `handleEndpoints` has it: without the
// admin panel, which would need Next. https://payloadcms.com/docs/upload/storage-adapters
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { sqliteAdapter } from '@payloadcms/db-sqlite'
import { s3Storage } from '@payloadcms/storage-s3'
import { buildConfig, getPayload, handleEndpoints } from 'payload'

const { S3_BUCKET, S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
const { PORT, DATABASE, CLIENT_UPLOADS, API_KEY } = process.env

const config = buildConfig({
  secret: 'not a secret',
  telemetry: false,
  // Tables are made at the first start, as in development; later ones are those of production.
  db: sqliteAdapter({
    client: { url: `file:${DATABASE}` },
    wal: true,
    busyTimeout: 5000,
    push: !existsSync(DATABASE),
  }),
  upload: { limits: { fileSize: 10 * 1024 ** 2 }, abortOnLimit: true },
  collections: [
    { slug: 'users', auth: { useAPIKey: true }, fields: [] },
    { slug: 'media', upload: { mimeTypes: ['image/*'] }, fields: [] },
  ],
  plugins: [
    s3Storage({
      bucket: S3_BUCKET,
      collections: { media: true },
      clientUploads: CLIENT_UPLOADS === 'yes',
      config: {
        endpoint: S3_ENDPOINT,
        region: AWS_REGION,
        forcePathStyle: true,
        // Without it, what the SDK signs for a browser holds the checksum of an empty body.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
      },
    }),
  ],
})

const payload = await getPayload({ config })
const { totalDocs } = await payload.count({ collection: 'users' })
const user = { email: 'editor@example.com', password: randomUUID(), enableAPIKey: true, apiKey: API_KEY }
if (totalDocs === 0) await payload.create({ collection: 'users', data: user })

serve({
  port: Number(PORT),
  hostname: '127.0.0.1',
  fetch: (request) => handleEndpoints({ config, request: request.clone() }),
})
