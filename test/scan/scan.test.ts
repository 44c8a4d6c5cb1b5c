import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Media, Problem, ScanningUploads } from '@tintype/protocol'
import { refuse } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { sha256 } from '../support/direct.ts'
import { until } from '../support/until.ts'
import { answer, minute, type ScanningApp, startScanningApp } from './app.ts'

for (const database of databases)
  describe(`a scan by the app, on ${database.name}`, { skip: database.skip }, () => {
    let one: ScanningApp
    before(async () => {
      one = await startScanningApp(database)
    })
    beforeEach(() => {
      one.hook = one.wait
    })
    after(() => one.stop())

    test('is given the whole file, in memory or by range, before anybody can see it; then it is published', async () => {
      const [bytes] = one.photos
      let seen: unknown
      one.hook = async (file) => {
        const { type, kind, bytes: size, sha256: hash, name, owner, way } = file
        seen = { type, kind, size, hash, name, owner, way }
        assert.deepEqual(await one.readAll(file), bytes)
        assert.deepEqual(await one.readAll(file, { start: 10, end: 20 }), bytes.subarray(10, 20))
        assert.deepEqual(await one.readAll(file, { start: -7 }), bytes.subarray(-7))
        assert.deepEqual(await one.list(), [])
        assert.equal((await one.app.keys()).length, 2)
      }
      const response = await one.upload([bytes])
      assert.equal(response.status, 201)
      assert.deepEqual(seen, {
        type: 'image/jpeg',
        kind: 'image',
        size: bytes.length,
        hash: sha256(bytes),
        name: '0.jpg',
        owner: 'ann',
        way: 'form',
      })
      assert.equal((await one.list()).length, 1)
      await one.removeAll()
    })

    test('refuses with its sentence and code, saying which file it was; nothing of the form is left', async () => {
      one.hook = ({ name }) => {
        if (name === '1.jpg') throw refuse('This file is infected.', { code: 'infected' })
      }
      const response = await one.upload(one.photos)
      const { code, detail, index, name } = (await response.json()) as Problem
      assert.deepEqual(
        [response.status, code, detail, index, name],
        [422, 'infected', 'This file is infected.', 1, '1.jpg'],
      )
      await one.demandNothing()
    })

    for (const [what, error, code] of [
      ['throws', new Error('no clamd'), 'hook_failed'],
      ['rejects with nothing', undefined, 'hook_failed'],
    ] as const)
      test(`that ${what} lets nothing in`, async () => {
        one.hook = () => Promise.reject(error)
        const response = await one.upload(one.photos)
        assert.deepEqual([response.status, ((await response.json()) as Problem).code], [500, code])
        await one.demandNothing()
      })

    test('that takes long is answered with 202, and the session tells the media', async () => {
      const { ids, uploads, headers, scans } = await one.slow([one.photos[0]])
      const [id = ''] = ids
      assert.equal(headers.get('location'), `/api/uploads/${id}`)
      assert.equal(headers.get('retry-after'), '2')
      assert.equal(uploads[0]?.state, 'scanning')
      assert.equal((await one.status(id)).state, 'scanning')
      assert.equal((await one.status(id, one.app.otherUrl)).state, 'scanning')
      const other = await fetch(`${one.app.url}/api/uploads/${id}`, { headers: { 'X-User': 'bob' } })
      assert.equal(other.status, 404)
      assert.deepEqual(await one.list(), [])

      // Far longer than the deadline of an unfinished upload.
      await one.waitWhileScanning(id, 8 * minute)
      assert.equal((await one.status(id)).state, 'scanning')
      scans[0]?.pass()
      const { state, media } = await one.ended(id)
      assert.deepEqual([state, media?.sha256], ['complete', sha256(one.photos[0])])
      assert.deepEqual(
        (await one.list()).map((one) => one.id),
        [media?.id],
      )
      await one.removeAll()
    })

    test('reads on from S3 where memory was given back, and its outcome is all or nothing', async () => {
      const big = await photo({ width: 900, height: 900 })
      const response = one.upload([big, one.photos[1]])
      const [first, second] = [await one.next(), await one.next()]
      const stream = first.file.read()[Symbol.asyncIterator]()
      const begun = (await stream.next()).value as Buffer
      one.app.clock.advance(answer)
      const { uploads } = (await (await response).json()) as ScanningUploads
      // Other uploads have its memory now.
      one.hook = () => {}
      assert.equal((await one.upload([await photo({ width: 901, height: 900 })])).status, 201)
      const rest: Buffer[] = []
      for (let one = await stream.next(); !one.done; one = await stream.next()) rest.push(one.value)
      assert.deepEqual(Buffer.concat([begun, ...rest]), big)

      first.pass()
      assert.equal((await one.status(uploads[0]?.id ?? '')).state, 'scanning')
      second.fail(refuse('Not this one.', { status: 403, code: 'no' }))
      for (const { id } of uploads) {
        const { state, refusal } = await one.ended(id)
        assert.deepEqual([state, refusal?.status, refusal?.code, refusal?.index], ['refused', 403, 'no', 1])
      }
      await one.removeAll()
    })

    test('the same Idempotency-Key is answered with 202 meanwhile, with the media afterwards, and with the refusal', async () => {
      const key = { 'Idempotency-Key': 'slow' }
      const { ids, scans } = await one.slow(one.photos, key)
      for (const url of [one.app.url, one.app.otherUrl]) {
        const again = await one.upload(one.photos, key, url)
        assert.equal(again.status, 202)
        assert.deepEqual(
          ((await again.json()) as ScanningUploads).uploads.map(({ id }) => id),
          ids,
        )
      }
      const mismatch = await one.upload([one.photos[1]], key)
      assert.equal(((await mismatch.json()) as Problem).code, 'idempotency_mismatch')
      for (const scan of scans) scan.pass()
      const media = []
      for (const id of ids) media.push((await one.ended(id)).media?.id)
      const after = await one.upload(one.photos, key)
      assert.equal(after.status, 200)
      assert.deepEqual(
        ((await after.json()) as { media: Media[] }).media.map(({ id }) => id),
        media,
      )

      const refused = await one.slow([one.photos[0]], { 'Idempotency-Key': 'refused' })
      refused.scans[0]?.fail(refuse('No.', { code: 'infected' }))
      await one.ended(refused.ids[0] ?? '')
      const replayed = await one.upload([one.photos[0]], { 'Idempotency-Key': 'refused' })
      assert.deepEqual([replayed.status, ((await replayed.json()) as Problem).code], [422, 'infected'])
      await one.removeAll()
    })

    test('that takes too long ends; the client may send the same again', async () => {
      const key = { 'Idempotency-Key': 'timed-out' }
      const { ids, scans } = await one.slow([one.photos[0]], key)
      // The last step is shorter than the lease: no other process may call it interrupted first.
      await one.waitWhileScanning(ids[0] ?? '', 10 * minute - answer - minute / 3)
      one.app.clock.advance(minute / 3)
      const { state, refusal } = await one.ended(ids[0] ?? '')
      assert.deepEqual([state, refusal?.code, refusal?.status], ['refused', 'hook_timeout', 503])
      assert.ok(scans[0]?.file.signal.aborted)
      await one.demandNothing()
      one.hook = () => {}
      assert.equal((await one.upload([one.photos[0]], key)).status, 201)
      await one.removeAll()
    })

    test('is cancelled by DELETE, from any process', async () => {
      for (const url of [one.app.url, one.app.otherUrl]) {
        const { ids, scans } = await one.slow(one.photos)
        assert.equal((await fetch(`${url}/api/uploads/${ids[1]}`, { method: 'DELETE' })).status, 204)
        await until(
          async () => {
            one.app.clock.advance(minute / 6)
            return scans.every(({ file }) => file.signal.aborted)
          },
          (all) => all,
        )
        for (const scan of scans) scan.pass()
        for (const id of ids) assert.equal((await fetch(`${one.app.url}/api/uploads/${id}`)).status, 404)
        await one.demandNothing()
      }
    })

    test('of a client that goes away before it was answered ends with it', async () => {
      const controller = new AbortController()
      const body = new FormData()
      body.append('file', new Blob([Uint8Array.from(one.photos[0])]), 'a.jpg')
      const request = fetch(`${one.app.url}/api/media`, { method: 'POST', body, signal: controller.signal })
      const { file, pass } = await one.next()
      const { promise, resolve } = Promise.withResolvers<void>()
      file.signal.addEventListener('abort', () => resolve())
      controller.abort()
      await assert.rejects(request)
      await promise
      pass()
      await one.demandNothing()
    })

    test('of what replaces a photo is waited for, and readers see the old bytes until then', async () => {
      one.hook = () => {}
      const { media } = (await (await one.upload([one.photos[0]])).json()) as { media: Media[] }
      one.hook = one.wait
      const body = new FormData()
      body.append('file', new Blob([Uint8Array.from(one.photos[1])]), 'b.jpg')
      const replaced = fetch(`${one.app.url}/api/media/${media[0]?.id}`, { method: 'PUT', body })
      const scan = await one.next()
      one.app.clock.advance(minute)
      assert.deepEqual((await one.list())[0]?.sha256, sha256(one.photos[0]))
      scan.pass()
      assert.equal((await replaced).status, 200)
      assert.deepEqual((await one.list())[0]?.sha256, sha256(one.photos[1]))
      await one.removeAll()
    })

    test('of a process that has died is told as interrupted, by any other; the same request is carried out anew', async () => {
      const key = { 'Idempotency-Key': 'died' }
      const { ids, scans } = await one.slow([one.photos[0]], key)
      // What its death looks like from outside: its rows are renewed no more.
      await one.rows.run('update tintype_upload set scanning_until = 1')
      const { state, refusal } = await one.status(ids[0] ?? '', one.app.otherUrl)
      assert.deepEqual([state, refusal?.code, refusal?.status], ['refused', 'scan_interrupted', 503])
      // It was but suspended: what it has scanned does not appear any more.
      scans[0]?.pass()
      one.hook = () => {}
      assert.equal((await one.upload([one.photos[0]], key, one.app.otherUrl)).status, 201)
      assert.equal((await one.list()).length, 1)
      await one.removeAll()
    })
  })
