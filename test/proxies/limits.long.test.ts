import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import sharp from 'sharp'
import { UploadError, upload } from '../../packages/client/src/index.ts'
import { startStorage } from '../browser/storage.ts'
import { startServer } from '../support/server.ts'
import { freePort, missing, startNginx } from './programs.ts'

/** nginx by default: 1 MB is the largest body. */
const asItComes = (port: number, to: number) =>
  startNginx(`server { listen 127.0.0.1:${port}; server_name localhost;
    location / { proxy_pass http://127.0.0.1:${to}; proxy_set_header Host $http_host; } }`)

/** A PNG without compression, of about this size. */
const png = async (bytes: number) => {
  const width = Math.round(Math.sqrt(bytes / 3))
  const create = { width, height: width, channels: 3 as const, background: '#48a' }
  const file = await sharp({ create }).png({ compressionLevel: 0 }).toBuffer()
  return new File([new Uint8Array(file)], 'large.png', { type: 'image/png' })
}

describe('nginx as it comes', { skip: missing('nginx', 'openssl') }, () => {
  test('what is too large for its forms goes straight to a bucket beside it', async () => {
    const port = await freePort()
    const url = `http://localhost:${port}`
    await using storage = await startStorage()
    const server = await startServer({ ...storage.env, PUBLIC_URL: url })
    try {
      await using _nginx = await asItComes(port, server.port)
      for (const bytes of [300_000, 2_300_000, 7_500_000]) {
        const file = await png(bytes)
        const media = await upload(file, { endpoint: `${url}/api` })
        assert.equal(media.bytes, file.size)
      }
      assert.equal(storage.seen.length, 2)
    } finally {
      await server.stop()
    }
  })

  test('where the storage is behind it as well, the error says who refused', async () => {
    const port = await freePort()
    const url = `http://localhost:${port}`
    const server = await startServer({ PUBLIC_URL: url })
    try {
      await using _nginx = await asItComes(port, server.port)
      const sending = upload(await png(2_300_000), { endpoint: `${url}/api`, sleep: async () => {} })
      await assert.rejects(sending, (error) => {
        assert(error instanceof UploadError)
        assert.match(error.message, /^A proxy in front of the server takes no files of this size \(413\)\./)
        return error.retryable
      })
    } finally {
      await server.stop()
    }
  })
})
