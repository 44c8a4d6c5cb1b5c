import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { sha256 } from '../support/direct.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import type { TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const tus = { 'tus-resumable': '1.0.0' }
/** Of what one append says where another one goes on: another offset, taken over, complete, still being stored. */
const overtaken = [403, 409, 423]

for (const { name, database, skip } of [
  { name: 'SQLite', database: undefined, skip: false },
  { name: 'Postgres', database: createDatabase, skip: skipWithoutPostgres },
]) {
  describe(`a resumable upload at several processes, on ${name}`, { skip }, () => {
    let setting: BucketServer
    let other: TestServer
    let video: Buffer
    let drop = async () => {}

    before(async () => {
      const own = await database?.()
      if (own) drop = own.drop
      const env = { SWEEP_GRACE: '0', UPLOAD_DEADLINE: '3' }
      setting = await startBucketServer(own ? { ...env, DATABASE_URL: own.url } : env)
      other = await setting.startAnother()
      video = await largeVideo(17 * mebibyte)
    })
    after(async () => {
      await other.stop()
      await setting.stop()
      await drop()
    })
    afterEach(() => setting.clean())

    async function begin(): Promise<string> {
      const headers = { ...tus, 'upload-length': String(video.length) }
      const response = await fetch(`${setting.server.url}/api/files`, { method: 'POST', headers })
      return new URL(response.headers.get('location') ?? '', setting.server.url).pathname
    }
    const about = (offset: number) => ({
      ...tus,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    })
    const append = (url: string, offset: number, size: number) =>
      fetch(url, {
        method: 'PATCH',
        headers: about(offset),
        body: new Uint8Array(video.subarray(offset, offset + size)),
      })
    const head = (url: string) => fetch(url, { method: 'HEAD', headers: tus })
    /** It asks again while another process is still at it. */
    async function offsetOf(url: string): Promise<number> {
      const response = await until(
        () => head(url),
        ({ status }) => status !== 423 && status !== 409,
      )
      assert.equal(response.status, 200)
      return Number(response.headers.get('upload-offset'))
    }

    /** The media has the bytes that were sent, and beside it nothing is left. */
    async function isWhole(url: string): Promise<void> {
      const location = await until(async () => (await head(url)).headers.get('content-location') ?? '')
      const response = await fetch(new URL(location, setting.server.url))
      const media = (await response.json()) as Media
      assert.equal(media.sentSha256 ?? media.sha256, sha256(video))
      assert.equal((await setting.listed()).length, 1)
      await until(async () => !(await setting.keys()).some((key) => /\/(tail|piece)\./.test(key ?? '')))
      assert.deepEqual(await setting.openUploads(), [])
      const originals = (await setting.keys()).filter((key) => key?.includes('/original.'))
      assert.equal(originals.length, 1)
    }

    test('appends that alternate between them', async () => {
      const path = await begin()
      const sizes = [1, 700_000, 100_000, 20, 3_000_000, 5 * mebibyte, 1_500_000, 1000]
      let offset = 0
      for (let turn = 0; offset < video.length; turn++) {
        const url = (turn % 2 === 0 ? other : setting.server).url + path
        const size = Math.min(sizes[turn % sizes.length] ?? 0, video.length - offset)
        const response = await append(url, offset, size)
        assert.equal(response.status, 204, await response.text())
        offset += size
        assert.equal(response.headers.get('upload-offset'), String(offset))
      }
      await isWhole(other.url + path)
    })

    test('appends that come to both at once: what one has acknowledged is never lost, and the rest follows', async () => {
      const path = await begin()
      const servers = [setting.server, other]
      let told = 0
      while (told < video.length) {
        const size = Math.min(1_300_000, video.length - told)
        const offset = told
        const answers = await Promise.all(servers.map(({ url }) => append(url + path, offset, size)))
        for (const { status } of answers) assert.ok(status === 204 || overtaken.includes(status), `${status}`)
        if (answers.some(({ status }) => status === 204)) told += size
        const found = await offsetOf(other.url + path)
        assert.ok(found >= told, `${told} bytes were acknowledged, and ${found} are there`)
        told = found
      }
      await isWhole(setting.server.url + path)
    })

    test('one that is being received in one process is overtaken by another, which finishes it', async () => {
      const path = await begin()
      assert.equal((await append(setting.server.url + path, 0, 700_000)).status, 204)
      const stored = setting.seen('PUT', /partNumber=2/)
      const slow = request(setting.server.url + path, {
        method: 'PATCH',
        headers: { ...about(700_000), 'content-length': video.length - 700_000 },
      })
      const answered = once(slow, 'response').then(
        ([response]) => (response as IncomingMessage).statusCode ?? 0,
        () => 0,
      )
      slow.write(video.subarray(700_000, 12 * mebibyte))
      await stored
      const offset = await offsetOf(other.url + path)
      assert.ok(offset >= 700_000)
      const half = offset + 3_000_000
      assert.equal((await append(other.url + path, offset, 3_000_000)).status, 204)
      // Of what it ends with, nothing is taken, and nothing is refused for it.
      slow.end(video.subarray(12 * mebibyte))
      assert.ok([0, ...overtaken].includes(await answered))
      assert.equal(await offsetOf(other.url + path), half)
      assert.equal((await append(other.url + path, half, video.length - half)).status, 204)
      await isWhole(setting.server.url + path)
    })

    test('pieces that both put together at once, twice each: one upload, and each client is told of it', async () => {
      for (const whole of [video, await photo()]) {
        const cut = Math.ceil(whole.length / 2)
        const pieces = [whole.subarray(0, cut), whole.subarray(cut)]
        const post = (url: string, headers: Record<string, string>, bytes?: Uint8Array) =>
          fetch(`${url}/api/files`, {
            method: 'POST',
            headers: { ...about(0), ...headers },
            ...(bytes ? { body: new Uint8Array(bytes) } : {}),
          })
        const urls: string[] = []
        for (const piece of pieces) {
          const headers = { 'upload-concat': 'partial', 'upload-length': String(piece.length) }
          const { pathname } = new URL((await post(other.url, headers, piece)).headers.get('location') ?? '')
          urls.push(pathname)
        }
        const concat = { 'upload-concat': `final;${urls.join(' ')}` }
        const { url } = setting.server
        const answers = await Promise.all([url, other.url, url, other.url].map((one) => post(one, concat)))
        const media = new Set(answers.map(({ headers }) => headers.get('content-location')))
        assert.deepEqual([answers.map(({ status }) => status), media.size], [[201, 201, 201, 201], 1])
        const listed = (await setting.listed()) as Media[]
        assert.deepEqual(
          listed.map((one) => one.sentSha256 ?? one.sha256),
          [sha256(whole)],
        )
        await until(async () => !(await setting.keys()).some((key) => /\/(tail|piece)\./.test(key ?? '')))
        assert.deepEqual(await setting.openUploads(), [])
        await setting.clean()
      }
    })

    test('pieces whose putting together is killed: asked for again elsewhere, it goes on, and makes one media', async (t) => {
      const dying = await startProcess(setting.env)
      t.after(() => dying.kill())
      const post = (url: string, headers: Record<string, string>, bytes?: Buffer) =>
        fetch(`${url}/api/files`, {
          method: 'POST',
          headers: { ...about(0), ...headers },
          ...(bytes ? { body: new Uint8Array(bytes) } : {}),
        })
      const urls: string[] = []
      for (const piece of [video.subarray(0, 9 * mebibyte), video.subarray(9 * mebibyte)]) {
        const headers = { 'upload-concat': 'partial', 'upload-length': String(piece.length) }
        urls.push((await post(other.url, headers, piece)).headers.get('location') ?? '')
      }
      const concat = { 'upload-concat': `final;${urls.join(' ')}` }
      const stored = setting.seen('PUT', /partNumber=3/)
      const lost = post(dying.url, concat).catch(() => undefined)
      await stored
      await dying.kill()
      await lost
      const done = await post(other.url, concat)
      assert.equal(done.status, 201, await done.text())
      await isWhole(other.url + new URL(done.headers.get('location') ?? '').pathname)
    })

    test('after a kill at seven tenths, at most one append is sent again', async (t) => {
      const path = await begin()
      const dying = await startProcess(setting.env)
      t.after(() => dying.kill())
      const size = 1_000_000
      let told = 0
      let sent = 0
      for (; told < video.length * 0.7; told += size, sent += size)
        assert.equal((await append(dying.url + path, told, size)).status, 204)
      const cut = request(dying.url + path, {
        method: 'PATCH',
        headers: { ...about(told), 'content-length': size },
      })
      cut.on('error', () => {})
      await new Promise((resolve) => cut.write(video.subarray(told, told + size - 1), resolve))
      sent += size - 1
      await dying.kill()
      for (let offset = await offsetOf(other.url + path); offset < video.length; ) {
        const more = Math.min(size, video.length - offset)
        assert.equal((await append(other.url + path, offset, more)).status, 204)
        sent += more
        offset += more
      }
      assert.ok(sent - video.length <= size, `${sent - video.length} bytes were sent again`)
      await isWhole(other.url + path)
    })

    test('one that is killed in the middle: another goes on behind what was acknowledged', async (t) => {
      const path = await begin()
      let told = 0
      for (const size of [300_000, 6 * mebibyte, 1_000_000]) {
        const dying: ServerProcess = await startProcess(setting.env)
        t.after(() => dying.kill())
        assert.equal((await append(dying.url + path, told, size)).status, 204)
        told += size
        const stored = setting.seen('PUT', /partNumber=/)
        const cut = request(dying.url + path, {
          method: 'PATCH',
          headers: { ...about(told), 'content-length': video.length - told },
        })
        cut.on('error', () => {})
        cut.write(video.subarray(told, told + 5 * mebibyte))
        await stored
        await dying.kill()
        const found = await offsetOf(other.url + path)
        assert.ok(found >= told, `${told} bytes were acknowledged, and ${found} are there`)
        told = found
        const more = Math.min(500_000, video.length - told)
        assert.equal((await append(other.url + path, told, more)).status, 204)
        told += more
        if (told === video.length) break
      }
      if (told < video.length)
        assert.equal((await append(setting.server.url + path, told, video.length - told)).status, 204)
      await isWhole(other.url + path)
    })
  })
}
