import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { openSql, type Sql } from '../crash/sql.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { sha256 } from '../support/direct.ts'
import { type PgProxy, startPgProxy } from '../support/pg-proxy.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { mediaOf } from '../support/server.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const tus = { 'tus-resumable': '1.0.0' }
const body = 'application/offset+octet-stream'

/**
 * Postgres commits a transaction, and the connection is gone before it says so: each COMMIT in turn, whichever way a file
 * comes. Clients do what they do after a 503. Nothing that they were told of is lost then, and nothing is there twice.
 */
describe('a COMMIT whose answer is lost', { skip: skipWithoutPostgres }, () => {
  let setting: BucketServer
  let proxy: PgProxy
  let sql: Sql
  let drop: () => Promise<void>
  let jpeg: Buffer
  let video: Buffer
  let url: string

  before(async () => {
    const database = await createDatabase()
    drop = database.drop
    proxy = await startPgProxy(database.url)
    sql = openSql(database.url)
    const times = { SWEEP_GRACE: '0', UPLOAD_DEADLINE: '60', UNDO_WINDOW: '600' }
    setting = await startBucketServer({ ...times, DATABASE_URL: proxy.url })
    url = setting.server.url
    jpeg = await photo({ width: 640, height: 480 })
    video = await largeVideo(7 * mebibyte)
  })
  after(async () => {
    await setting.stop()
    await proxy.close()
    await drop()
  })

  /** Until it is neither the server's fault nor somebody else's turn. */
  const again = (send: () => Promise<Response>) =>
    until(send, ({ status }) => status < 500 && status !== 409 && status !== 423, { seconds: 20 })
  const post = (headers: Record<string, string>) =>
    again(() => fetch(`${url}/api/files`, { method: 'POST', headers: { ...tus, ...headers } }))
  const at = (response: Response) => new URL(response.headers.get('location') ?? '', url).href
  const head = (upload: string) => again(() => fetch(upload, { method: 'HEAD', headers: tus }))

  /** Sends all of it in appends of this size. What was acknowledged never goes back. */
  async function append(upload: string, bytes: Buffer, size: number): Promise<Response> {
    for (let told = 0; ; ) {
      const found = await head(upload)
      assert.equal(found.status, 200)
      const offset = Number(found.headers.get('upload-offset'))
      assert.ok(offset >= told, `${told} bytes were acknowledged, and ${offset} are there`)
      if (offset === bytes.length) return found
      const headers = { ...tus, 'upload-offset': String(offset), 'content-type': body }
      const piece = new Uint8Array(bytes.subarray(offset, offset + size))
      const answer = await fetch(upload, { method: 'PATCH', headers, body: piece })
      assert.ok(answer.status === 204 || answer.status >= 500 || answer.status === 409, `${answer.status}`)
      told = answer.status === 204 ? offset + piece.length : offset
    }
  }
  async function sendByTus(bytes: Buffer, size: number, headers = {}): Promise<string> {
    const upload = at(await post({ 'upload-length': String(bytes.length), ...headers }))
    await append(upload, bytes, size)
    return upload
  }
  const form = (key: string, method = 'POST', path = '') =>
    again(() => {
      const data = new FormData()
      data.append('file', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'a.jpg')
      const headers = method === 'POST' ? { 'idempotency-key': key } : undefined
      return fetch(`${url}/api/media${path}`, { method, body: data, ...(headers ? { headers } : {}) })
    })

  const scenarios: Record<string, (key: string) => Promise<unknown>> = {
    'appends of a photo': () => sendByTus(jpeg, Math.ceil(jpeg.length / 3)),
    'appends of a video, whose parts and rest are acknowledged together': () =>
      sendByTus(video, 6 * mebibyte),
    'pieces that are put together': async () => {
      const half = Math.ceil(jpeg.length / 2)
      const partial = { 'upload-concat': 'partial' }
      const pieces = [jpeg.subarray(0, half), jpeg.subarray(half)]
      const urls = []
      for (const piece of pieces) urls.push(await sendByTus(piece, half, partial))
      const final = await post({ 'upload-concat': `final;${urls.join(' ')}` })
      assert.equal(final.status, 201, await final.text())
    },
    'a form': async (key) => assert.ok((await form(key)).ok),
    'a replacement': async (key) => {
      const { id } = await mediaOf(await form(key))
      assert.equal((await form(key, 'PUT', `/${id}`)).status, 200)
    },
    'a removal that is taken back': async (key) => {
      const { id } = await mediaOf(await form(key))
      const removed = await again(() => fetch(`${url}/api/media/${id}`, { method: 'DELETE' }))
      assert.ok(removed.status === 200 || removed.status === 404, `${removed.status}`)
      const restored = await again(() => fetch(`${url}/api/media/${id}/restore`, { method: 'POST' }))
      assert.equal(restored.status, 200, await restored.text())
    },
    'a video that is streamed': async (key) => {
      const long = await largeVideo(18 * mebibyte)
      let parts = 0
      setting.proxy.faults.before = (req) => {
        if (req.url?.includes('partNumber')) parts++
        return false
      }
      const headers = { 'content-type': 'video/mp4', 'idempotency-key': key }
      const send = () => fetch(`${url}/api/media`, { method: 'POST', headers, body: new Uint8Array(long) })
      const sent = await again(send)
      assert.ok(sent.ok, await sent.text())
      assert.ok(parts > 0)
    },
    'a direct upload': async (key) => {
      const about = { name: 'a.jpg', size: jpeg.length, type: 'image/jpeg', sha256: sha256(jpeg) }
      const json = { 'content-type': 'application/json', 'idempotency-key': key }
      const begun = await again(() =>
        fetch(`${url}/api/uploads`, { method: 'POST', headers: json, body: JSON.stringify(about) }),
      )
      const { id, put } = (await begun.json()) as { id: string; put: { url: string; headers: HeadersInit } }
      const sent = await fetch(put.url, { method: 'PUT', headers: put.headers, body: new Uint8Array(jpeg) })
      assert.equal(sent.status, 200)
      const done = await again(() => fetch(`${url}/api/uploads/${id}/complete`, { method: 'POST' }))
      assert.ok(done.ok, await done.text())
    },
  }

  /** Every object that a visible media names is there, and of what is in the bucket the ledger knows all. */
  async function assertWhole(what: string): Promise<void> {
    // What is due is deleted by then.
    await until(async () => {
      const due = `select key from tintype_sweep where due_at <= ${Date.now()}`
      return (await sql.all(due)).length === 0
    })
    const media = (await setting.listed()) as Media[]
    assert.equal(media.length, 1, `${what}: ${media.length} media`)
    for (const one of media) {
      const original = await fetch(new URL(`/api/media/${one.id}/original`, url))
      assert.equal(original.status, 200, what)
      assert.equal(sha256(Buffer.from(await original.arrayBuffer())), one.sha256, what)
    }
    const named = await sql.all<{ key: string }>(
      'select key from tintype_sweep union select key from tintype_media union select key from tintype_variant',
    )
    const keys = named.map(({ key }) => key)
    assert.deepEqual(
      (await setting.keys()).filter((key) => !keys.includes(key ?? '')),
      [],
      what,
    )
  }

  for (const [name, carryOut] of Object.entries(scenarios)) {
    test(name, async () => {
      let isReached = true
      for (let turn = 0; isReached; turn++) {
        isReached = false
        let seen = 0
        proxy.faults.pick = (statement) => {
          if (isReached || !/^commit/i.test(statement) || seen++ !== turn) return undefined
          isReached = true
          return 'cut after'
        }
        await carryOut(`turn-${turn}-of-${name.replaceAll(' ', '-')}`)
        delete proxy.faults.pick
        await assertWhole(`${name}, COMMIT ${turn + 1}`)
        for (const { id } of await setting.listed())
          assert.equal((await fetch(`${url}/api/media/${id}?final=1`, { method: 'DELETE' })).status, 204)
      }
    })
  }
})
