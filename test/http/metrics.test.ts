import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { UploadSession } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { announcement, send } from '../support/direct.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const token = 'a-token-of-enough-length'

describe('/metrics of the ready server', () => {
  let server: TestServer
  before(async () => {
    server = await startServer({ TINTYPE_TOKEN: token })
  })
  after(() => server.stop())

  const headers = { Authorization: `Bearer ${token}` }
  const scrape = async () => {
    const response = await fetch(`${server.url}/metrics`, { headers })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    return response.text()
  }
  const numberOf = (text: string, series: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }

  test('answers nobody without the token', async () => {
    for (const others of [{}, { Authorization: 'Bearer wrong' }]) {
      const response = await fetch(`${server.url}/metrics`, { headers: others })
      assert.equal(response.status, 401)
      assert.doesNotMatch(await response.text(), /process_/)
    }
  })

  test('counts uploads by how they ended, with their bytes, and what S3 was asked', async () => {
    const bytes = await photo()
    const media = await mediaOf(await upload(server.url, { bytes }, { headers }))
    const replacement = { headers, method: 'PUT', path: `/api/media/${media.id}` }
    assert.equal((await upload(server.url, { bytes }, replacement)).status, 200)
    assert.equal((await upload(server.url, { bytes: Buffer.from('no photo') }, { headers })).status, 415)
    await fetch(`${server.url}/api/media/${media.id}`, { headers })
    const request = 'method="GET",route="/media/:id"'
    // A request is counted when its answer has gone, which the client may see first.
    const text = await until(scrape, (seen) => seen.includes(`tintype_http_requests_total{${request}`))
    assert.equal(numberOf(text, 'tintype_uploads_total{outcome="created"}'), 1)
    assert.equal(numberOf(text, 'tintype_uploads_total{outcome="replaced"}'), 1)
    assert.equal(numberOf(text, 'tintype_uploads_total{outcome="unsupported_type"}'), 1)
    assert.equal(numberOf(text, 'tintype_media_bytes_total{kind="image"}'), 2 * bytes.length)
    // And the note in the bucket of how far its ledger has come, where that was written by now.
    const puts = numberOf(text, 'tintype_s3_requests_total{operation="put",outcome="ok"}') ?? 0
    assert.ok(puts === 4 || puts === 5, `${puts} puts`)
    assert.equal(numberOf(text, `tintype_http_requests_total{${request},status="200"}`), 1)
    assert.equal(numberOf(text, `tintype_http_request_duration_seconds_count{${request}}`), 1)
    assert.equal(numberOf(text, 'tintype_upload_memory_bytes{of="used"}'), 0)
    assert.ok((numberOf(text, 'tintype_upload_memory_bytes{of="limit"}') ?? 0) > 0)
    assert.equal(numberOf(text, 'tintype_uploads_waiting'), 0)
    assert.equal(numberOf(text, 'tintype_sweep_stuck'), 0)
    assert.ok((numberOf(text, 'process_resident_memory_bytes') ?? 0) > 1e7)
    assert.doesNotMatch(text, new RegExp(media.id))
  })

  test('counts and times the ranges that are read of a direct upload', async () => {
    const bytes = await photo()
    const post = (path: string, body?: unknown) =>
      fetch(`${server.url}/api/uploads${path}`, {
        method: 'POST',
        headers: body ? { ...headers, 'Content-Type': 'application/json' } : headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    const session = (await (await post('', announcement(bytes))).json()) as UploadSession
    assert.ok(session.put)
    await send(session.put, bytes)
    assert.equal((await post(`/${session.id}/complete`)).status, 201)
    const text = await scrape()
    assert.ok((numberOf(text, 'tintype_s3_requests_total{operation="read",outcome="ok"}') ?? 0) > 0)
    assert.ok((numberOf(text, 'tintype_s3_request_duration_seconds_count{operation="read"}') ?? 0) > 0)
  })

  test('says what a line of the format may say, and nothing else', async () => {
    for (const line of (await scrape()).trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\n]*",?)+\})? [\d.e+-]+)$/)
    }
  })
})

test('/metrics is open where everything is: without a token, on a server that only this machine reaches', async () => {
  const server = await startServer()
  assert.equal((await fetch(`${server.url}/metrics`)).status, 200)
  await server.stop()
})
