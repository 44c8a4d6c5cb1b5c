import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import type { RequestEvent } from './http/handler.ts'
import { createLocalS3 } from './local-s3.ts'

test('what fails in the hourly end of old uploads is told to `log`, and nowhere else', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'local-s3-test-'))
  mock.timers.enable({ apis: ['setInterval'] })
  const print = t.mock.method(console, 'error', () => {})
  const { promise: told, resolve: log } = Promise.withResolvers<RequestEvent>()
  let now = () => 0
  const identities = [{ accessKeyId: 'k', secretAccessKey: 's' }]
  const s3 = await createLocalS3({ directory, identities, log, now: () => now() })
  t.after(async () => {
    mock.timers.reset()
    await s3.close()
    await rm(directory, { recursive: true })
  })
  now = () => {
    throw new Error('The disk is full.')
  }
  mock.timers.tick(3_600_000)
  const { operation, error } = await told
  assert.equal(operation, 'S3.DELETE.UPLOAD')
  assert.match(String(error), /The disk is full/)
  assert.equal(print.mock.callCount(), 0)
})
