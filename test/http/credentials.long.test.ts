import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import type { Problem } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { begin, post } from '../support/direct.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const key = { accessKeyId: 'app', secretAccessKey: 'secret' }
/** What the SDK reads of the environment; the server's own settings come as an argument. */
const variables = ['AWS_CONFIG_FILE', 'AWS_EC2_METADATA_DISABLED', 'HOME'] as const

/** Credentials that are renewed for every request, as those are that end within five minutes; a process provides them. */
describe('credentials that can not be had for a while', { skip: process.platform === 'win32' }, () => {
  let directory: string
  let s3: Awaited<ReturnType<typeof startLocalS3>>
  let server: TestServer
  let jpeg: Buffer
  const earlier = Object.fromEntries(variables.map((name) => [name, process.env[name]]))
  const answer = (text: string) => writeFile(join(directory, 'answer'), text)
  const provide = (seconds: number) =>
    answer(
      JSON.stringify({
        Version: 1,
        AccessKeyId: key.accessKeyId,
        SecretAccessKey: key.secretAccessKey,
        Expiration: new Date(Date.now() + seconds * 1000).toISOString(),
      }),
    )

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-credentials-'))
    const config = join(directory, 'config')
    await writeFile(config, `[default]\ncredential_process = /bin/cat ${join(directory, 'answer')}\n`)
    await provide(60)
    Object.assign(process.env, {
      AWS_CONFIG_FILE: config,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: directory,
    })
    s3 = await startLocalS3({ directory: join(directory, 's3'), identities: [key], buckets: ['photos'] })
    server = await startServer({ S3_BUCKET: 'photos', S3_ENDPOINT: s3.url })
    jpeg = await photo()
  })
  after(async () => {
    for (const name of variables) {
      if (earlier[name] === undefined) delete process.env[name]
      else process.env[name] = earlier[name]
    }
    await server.stop()
    await s3.close()
    await rm(directory, { recursive: true })
  })

  test('make every request 503 with Retry-After and one line in the log, and lose nothing', async () => {
    const { url, log } = server
    const { id } = await mediaOf(await upload(url, { bytes: jpeg }))
    const session = await begin(url, jpeg)
    // Until they have been replaced by some that end before a request could arrive; then the process gives none.
    const status = async () => {
      await provide(0.9)
      return (await fetch(`${url}/api/media`)).status
    }
    await until(status, (seen) => seen === 503)
    await answer('no')
    const requests: Record<string, () => Promise<Response>> = {
      list: () => fetch(`${url}/api/media`),
      one: () => fetch(`${url}/api/media/${id}`),
      original: () => fetch(`${url}/api/media/${id}/original`, { redirect: 'manual' }),
      form: () => upload(url, { bytes: jpeg }),
      replace: () => upload(url, { bytes: jpeg }, { method: 'PUT', path: `/api/media/${id}` }),
      begin: () => post(`${url}/api/uploads`, { name: 'a.jpg', type: 'image/jpeg', size: jpeg.length }),
      status: () => fetch(`${url}/api/uploads/${session.id}`),
      complete: () => post(`${url}/api/uploads/${session.id}/complete`),
      ready: () => fetch(`${url}/readyz`),
    }
    // One at a time: each line of the log belongs to the request before it.
    for (const [what, send] of Object.entries(requests)) {
      const before = log.length
      const response = await send()
      const { code } = (await response.json()) as Problem
      assert.deepEqual([response.status, code], [503, 'storage_unavailable'], what)
      assert.ok(response.headers.get('retry-after'), what)
      const refused = log.slice(before).filter((line) => JSON.parse(line).event === 'request.refused')
      assert.equal(refused.length, 1, `${what}: ${refused}`)
      assert.match(refused[0] ?? '', /CredentialsProviderError/)
    }
    const told = log.filter((line) => JSON.parse(line).level === 'error')
    assert.equal(told.length, 1, `${told}`)
    assert.match(told[0] ?? '', /storage\.refused.*CredentialsProviderError.*"remedy":/)
    assert.equal((await fetch(`${url}/api/media/${id}`, { method: 'DELETE' })).status, 202)
    await provide(60)
    assert.equal((await fetch(`${url}/api/media`)).status, 200)
    assert.equal((await upload(url, { bytes: jpeg })).status, 201)
  })
})
