import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { Media, MediaVersions, UploadSession } from '@tintype/protocol'
import { apiVersion, type OpenApiDocument, operations } from '@tintype/protocol/openapi'
import { coloured, withoutPictures } from '../media/colours.ts'
import { photo } from '../media/photos.ts'
import { createContract } from '../support/contract.ts'
import { announcement, send } from '../support/direct.ts'
import { mediaOf, startServer, type TestServer } from '../support/server.ts'

const how = 'Describe it in packages/protocol/src/openapi: CONTRIBUTING.md tells how.'

describe('GET /api/openapi.json', () => {
  let server: TestServer
  let document: OpenApiDocument
  before(async () => {
    server = await startServer({ UNDO_WINDOW: '60' })
    document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as OpenApiDocument
  })
  after(() => server.stop())

  test('is valid OpenAPI 3.1, of the version of the packages', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    )
    assert.ok(valid, JSON.stringify(errors))
    assert.equal(validator.version, '3.1')
    const { version } = JSON.parse(
      readFileSync(new URL('../../packages/protocol/package.json', import.meta.url), 'utf8'),
    )
    assert.equal(apiVersion, version)
    assert.deepEqual(document.servers, [{ url: '/api' }])
  })

  test('has each route that is served, and says nothing of others', () => {
    const served = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'parameters')
        .map(([method, { operationId }]) => ({
          at: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
          operationId,
        })),
    )
    const without = served.filter(({ operationId }) => operationId === undefined)
    assert.deepEqual(
      without.map(({ at }) => at),
      [],
      how,
    )
    assert.deepEqual(served.map(({ at }) => at).sort(), Object.keys(operations).sort())
    const ids = served.map(({ operationId }) => operationId)
    assert.equal(new Set(ids).size, ids.length)
  })

  test('describes what each route answers', async () => {
    const contract = createContract()
    const ask = async (path: string, init?: RequestInit) => {
      const response = await contract.fetch(`${server.url}/api${path}`, { redirect: 'manual', ...init })
      return response
    }
    const json = (value: unknown): RequestInit => ({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(value),
    })
    const bytes = await photo({ width: 64, height: 48 })
    const blind = withoutPictures(coloured('bt709.mp4'))
    const form = (name: string) => {
      const body = new FormData()
      body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), name)
      return body
    }
    const media = await mediaOf(await ask('/media', { method: 'POST', body: form('a.jpg') }))
    await ask('/media', {
      method: 'POST',
      headers: { 'Content-Type': 'image/jpeg' },
      body: bytes as BodyInit,
    })
    await ask('/media', { method: 'POST', body: 'x' })
    await ask('/media?limit=1')
    await ask('/media?limit=0')
    await ask('/media', { method: 'HEAD' })
    const shown = await ask(`/media/${media.id}`)
    const etag = shown.headers.get('etag') ?? ''
    assert.equal(
      (await ask(`/media/${media.id}`, { headers: { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' } }))
        .status,
      304,
    )
    await ask('/media/none')
    await ask(`/media/${media.id}/original`)
    const poster = { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: bytes as BodyInit }
    assert.equal((await ask(`/media/${media.id}/poster`, poster)).status, 409)
    const clip = { headers: { 'Content-Type': 'video/mp4' }, body: blind as BodyInit }
    const video = await mediaOf(await ask('/media', { method: 'POST', ...clip }))
    assert.equal((await ask(`/media/${video.id}/poster`)).status, 404)
    assert.equal((await ask(`/media/${video.id}/poster`, poster)).status, 200)
    assert.equal((await ask(`/media/${video.id}/poster`)).status, 302)
    await ask(`/media/${media.id}/image?w=160`)
    await ask(`/media/${media.id}/image?w=0`)
    const change = { ...json({ caption: 'At sea' }), method: 'PATCH' }
    assert.equal(((await (await ask(`/media/${media.id}`, change)).json()) as Media).caption, 'At sea')
    await ask(`/media/${media.id}`, { ...change, headers: { ...change.headers, 'If-Match': '"1"' } })
    await ask(`/media/${media.id}`, { ...change, headers: {} })
    await ask(`/media/${media.id}`, { method: 'PUT', body: form('b.jpg') })
    await ask('/timeline?q=sea&zone=Europe/Lisbon')
    await ask('/timeline?zone=Atlantis')
    await ask('/usage')
    await ask('/openapi.json')
    await (await ask('/events')).body?.cancel()
    const begun = (await (await ask('/uploads', json(announcement(bytes)))).json()) as UploadSession
    await ask(`/uploads/${begun.id}`)
    await ask(`/uploads/${begun.id}/complete`, { method: 'POST' })
    await ask(`/uploads/${begun.id}/parts`, json({ parts: [] }))
    if (begun.put) await send(begun.put, bytes)
    assert.equal((await ask(`/uploads/${begun.id}/complete`, { method: 'POST' })).status, 201)
    await ask(`/uploads/${begun.id}`)
    const large = { name: 'a.mp4', type: 'video/mp4', size: 20 * 1024 ** 2 }
    const parts = (await (await ask('/uploads', json(large))).json()) as UploadSession
    await ask(`/uploads/${parts.id}/parts`, json({ parts: [{ number: 1, sha256: 'a'.repeat(64) }] }))
    await ask(`/uploads/${parts.id}`)
    await ask(`/uploads/${parts.id}`, { method: 'DELETE' })
    const tus = { 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0' }
    const begin = async () => {
      const headers = { ...tus, 'Upload-Length': String(bytes.length) }
      const { headers: told } = await ask('/files', { method: 'POST', headers })
      return new URL(told.get('location') ?? '', server.url).pathname.slice('/api'.length)
    }
    const file = await begin()
    const append = { headers: { ...tus, 'Content-Type': 'application/offset+octet-stream' } }
    await ask(file, { headers: tus })
    await ask(file, { ...append, method: 'PATCH', body: bytes.subarray(0, 9) as BodyInit })
    await ask(file, { ...append, method: 'PATCH', body: bytes.subarray(0, 9) as BodyInit })
    await ask(file, { method: 'POST', headers: { ...tus, 'X-HTTP-Method-Override': 'HEAD' } })
    await ask(file, { method: 'DELETE', headers: tus })
    const draft = { method: 'POST', headers: { 'Upload-Complete': '?1' }, body: bytes as BodyInit }
    await ask('/files', draft)
    await ask('/files', { ...draft, headers: { ...draft.headers, 'Upload-Length': '1' } })
    await ask('/filepond', { method: 'POST', body: new FormData() })
    const pond = await ask('/filepond', {
      method: 'POST',
      headers: { 'Upload-Length': String(bytes.length) },
      body: new FormData(),
    })
    const chunk = {
      method: 'PATCH',
      headers: { ...append.headers, 'Upload-Offset': '0' },
      body: bytes as BodyInit,
    }
    const pondId = await pond.text()
    await ask('/filepond?patch=none', chunk)
    await ask(`/filepond?patch=${pondId}`, chunk)
    await ask(`/filepond?patch=${pondId}`, { method: 'HEAD' })
    await ask(`/filepond?load=${pondId}`)
    await ask('/filepond?fetch=https://example.org')
    await ask('/filepond', { method: 'DELETE', body: pondId })
    await ask('/filepond', { method: 'DELETE', body: pondId })
    await ask('/media/delete', json({ ids: ['none'] }))
    const versions = await ask(`/media/${media.id}/versions`)
    const [was] = ((await versions.json()) as MediaVersions).versions
    await ask(`/media/${media.id}/versions/${was?.version}/restore`, { method: 'POST' })
    await ask(`/media/${media.id}`, { method: 'DELETE' })
    await ask('/media?removed=1')
    await ask(`/media/${media.id}/restore`, { method: 'POST' })
    await ask('/media/none/restore', { method: 'POST' })
    await ask(`/media/${media.id}?final=1`, { method: 'DELETE' })

    assert.deepEqual([...contract.unlisted], [], how)
    const answered = [...contract.seen].filter((one) => / [23]\d\d$/.test(one)).map((one) => one.slice(0, -4))
    const expected = Object.keys(operations).map((one) => one.replace(/:(\w+)/g, '{$1}'))
    assert.deepEqual(
      [...new Set(expected)].filter((one) => !answered.includes(one)),
      [],
      'Send one request to it here.',
    )
  })

  test('and what is answered otherwise is noticed', async () => {
    const answering = (response: Response) => () =>
      createContract(async () => response).fetch('http://localhost/api/usage')
    const headers = { 'X-Request-Id': '1', ETag: '"1"' }
    const usage = { bytes: 0, media: 0, sessions: 0, sessionBytes: 0, limits: {} }
    await answering(Response.json(usage, { headers }))()
    await assert.rejects(answering(Response.json({ ...usage, more: 1 }, { headers })), /more|unevaluated/)
    await assert.rejects(answering(Response.json({ ...usage, bytes: '0' }, { headers })), /integer/)
    await assert.rejects(answering(Response.json(usage, { headers: { ETag: '"1"' } })), /X-Request-Id/)
    await assert.rejects(answering(Response.json(usage, { headers, status: 201 })), /not described/)
  })
})
