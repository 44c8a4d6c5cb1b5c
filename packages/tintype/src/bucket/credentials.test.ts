import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Credentials, lastingCredentials } from './credentials.ts'
import { lookAt } from './head.ts'
import { unavailableOnError } from './retry.ts'
import { createSender } from './send.ts'
import { createHeaderSigner, createQuerySigner } from './sign.ts'
import { createViewUrl } from './view-url.ts'
import { createWriteUrls } from './write-url.ts'

const start = Date.UTC(2026, 0, 1)
const pair = { accessKeyId: 'k', secretAccessKey: 's' }

describe('temporary credentials', () => {
  test('serve until they end while the provider fails, and come back by themselves', async () => {
    let now = start
    let answer: () => Credentials = () => ({ ...pair, expiration: new Date(start + 60_000) })
    const credentials = lastingCredentials(
      async () => answer(),
      () => now,
    )
    const first = await credentials()
    answer = () => {
      throw new Error('The role service is away.')
    }
    now += 58_000
    assert.equal(await credentials(), first)
    now += 2_000
    await assert.rejects(credentials(), { name: 'CredentialsProviderError', message: /role service is away/ })
    answer = () => ({ ...pair, expiration: new Date(now + 60_000) })
    assert.equal((await credentials()).expiration?.getTime(), now + 60_000)
  })

  test('that are about to end are renewed before anything is signed', async () => {
    const lives = [900, 60_000]
    const credentials = lastingCredentials(
      async (options) => ({
        ...pair,
        expiration: new Date(start + (lives[options?.forceRefresh ? 1 : 0] as number)),
      }),
      () => start,
    )
    assert.equal((await credentials()).expiration?.getTime(), start + 60_000)
  })

  test('that have expired already sign nothing', async () => {
    const credentials = lastingCredentials(
      async () => ({ ...pair, expiration: new Date(start) }),
      () => start,
    )
    await assert.rejects(credentials(), { name: 'CredentialsProviderError', message: /expired/ })
  })

  for (const life of [600, 3600 * 12]) {
    test(`that live for ${life} s make no URL that promises more, or more than an hour`, async () => {
      const end = start + life * 1000
      const signer = createQuerySigner({
        bucket: 'b',
        region: 'us-east-1',
        endpoint: 'http://s3.test',
        credentials: async () => ({ ...pair, expiration: new Date(end) }),
      })
      const now = () => start
      const urls = createWriteUrls(signer, { now })
      const terms = { size: 1, seconds: 3600, sha256: '00'.repeat(32) }
      const made = [
        await createViewUrl(signer, { ttl: 3600, now })('k', { type: 'image/png', name: 'k.png' }),
        (await urls.putUrl('k', { ...terms, type: 'image/png' })).url,
        (await urls.partUrl('k', 'id', { ...terms, number: 1 })).url,
      ]
      for (const url of made) {
        const { searchParams } = new URL(url)
        const date = searchParams.get('X-Amz-Date')?.replace(/(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5')
        const seconds = Number(searchParams.get('X-Amz-Expires'))
        const over = Date.parse(date ?? '') + seconds * 1000
        assert.ok(over > start && over <= end && seconds <= 3600, `${url}`)
        if (life === 600) assert.equal(over, end)
        else assert.equal(seconds, 3600)
      }
    })
  }

  test('that can not be had make every signature and every request unavailable', async () => {
    const options = {
      bucket: 'b',
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:1',
      credentials: lastingCredentials(() => Promise.reject(new Error('No process.'))),
    }
    const urls = createWriteUrls(createQuerySigner(options), { now: Date.now })
    const viewUrl = createViewUrl(createQuerySigner(options), { ttl: 60, now: Date.now })
    const sender = createSender(createHeaderSigner(options), { now: Date.now, idle: 1000 })
    const terms = { size: 1, seconds: 60, sha256: '00'.repeat(32) }
    for (const work of [
      () => viewUrl('k', { type: 'image/png', name: 'k.png' }),
      () => urls.putUrl('k', { ...terms, type: 'image/png' }),
      () => urls.partUrl('k', 'id', { ...terms, number: 1 }),
      () => unavailableOnError('look at', () => lookAt(sender, 'k', AbortSignal.timeout(1000))),
    ]) {
      await assert.rejects(work, (error: Error & { code?: string }) => {
        assert.equal(error.code, 'storage_unavailable')
        assert.match(String(error.cause), /^CredentialsProviderError: No process/)
        return true
      })
    }
    sender.close()
  })
})
