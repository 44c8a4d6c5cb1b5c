import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Media, Problem, ScanningUploads } from '@tintype/protocol'
import { upload as uploadByClient } from '../../packages/client/src/index.ts'
import { type FileToScan, refuse } from '../../packages/tintype/src/index.ts'
import { largeVideo } from '../media/videos.ts'
import { databases } from '../support/app-database.ts'
import { begin, complete, send, sendParts, sha256 } from '../support/direct.ts'
import { until } from '../support/until.ts'
import { answer, minute, type ScanningApp, startScanningApp } from './app.ts'

for (const database of databases)
  describe(`a scan by the app, on ${database.name}`, { skip: database.skip }, () => {
    let one: ScanningApp
    // A new one for each: URLs are signed by the clock, which tests move far ahead; and one of them stops its app.
    beforeEach(async () => {
      one = await startScanningApp(database)
    })
    afterEach(() => one.stop())

    test('of a streamed video reads from S3, and keeps what was streamed until it is over', async () => {
      const video = await largeVideo(20 * 1024 * 1024)
      const { ids, scans } = await one.slow([video])
      assert.equal(sha256(await one.readAll(scans[0]?.file as FileToScan)), sha256(video))
      scans[0]?.pass()
      assert.equal((await one.ended(ids[0] ?? '')).media?.sha256, sha256(video))
      await one.removeAll()

      const refused = await one.slow([video])
      refused.scans[0]?.fail(refuse('No.'))
      assert.equal((await one.ended(refused.ids[0] ?? '')).refusal?.code, 'refused')
      await one.demandNothing()
    })

    test('of a direct upload: complete is answered with 202, joins, and can be asked again', async () => {
      const bytes = one.photos[0]
      const session = await begin(one.app.url, bytes)
      await send(session.put as never, bytes)
      const done = complete(one.app.url, session)
      const scan = await one.next()
      one.app.clock.advance(answer)
      assert.equal((await done).status, 202)
      for (const url of [one.app.url, one.app.otherUrl]) {
        const again = await complete(url, session)
        assert.equal(again.status, 202)
        assert.deepEqual(((await again.json()) as ScanningUploads).uploads[0]?.id, session.id)
        assert.equal((await one.status(session.id, url)).state, 'scanning')
      }
      assert.deepEqual(await one.readAll(scan.file), bytes)
      scan.pass()
      const { media } = await one.ended(session.id)
      assert.equal(media?.sha256, sha256(bytes))
      const repeated = await complete(one.app.otherUrl, session)
      assert.deepEqual([repeated.status, ((await repeated.json()) as Media).id], [200, media?.id])
      await one.removeAll()
    })

    test('of a direct upload that is refused, fails or is cancelled', async () => {
      const video = await largeVideo(20 * 1024 * 1024)
      const open = async () => {
        const session = await begin(one.app.url, video, { name: 'a.mp4', type: 'video/mp4' })
        const parts = await sendParts(one.app.url, session, video)
        return { session, parts }
      }
      const { session, parts } = await open()
      const refused = complete(one.app.url, session, parts)
      ;(await one.next()).fail(refuse('No.', { status: 403, code: 'infected' }))
      assert.equal((await refused).status, 403)
      assert.equal((await one.status(session.id)).refusal?.code, 'infected')

      const failing = await open()
      const failed = complete(one.app.url, failing.session, failing.parts)
      ;(await one.next()).fail(new Error('no clamd'))
      assert.equal((await failed).status, 500)
      const { state, landed } = await one.status(failing.session.id)
      assert.deepEqual([state, landed], ['open', true])
      const again = complete(one.app.url, failing.session, failing.parts)
      const scan = await one.next()
      assert.equal(
        (await fetch(`${one.app.url}/api/uploads/${failing.session.id}`, { method: 'DELETE' })).status,
        204,
      )
      assert.equal((await again).status, 404)
      assert.ok(scan.file.signal.aborted)
      await until(
        async () => {
          one.app.clock.advance(60 * minute)
          return one.app.keys()
        },
        (keys) => keys.length === 0,
      )
    })

    test('whose reads break off has not passed, whatever it says', async () => {
      const response = one.upload([await largeVideo(20 * 1024 * 1024)])
      const scan = await one.next()
      one.app.proxy.faults.pick = (req) => (req.method === 'GET' ? 'error in 200' : undefined)
      const stream = scan.file.read()
      const closed = new Promise((resolve) => stream.once('close', resolve))
      stream.resume()
      await closed
      one.app.proxy.faults.pick = () => undefined
      scan.pass()
      const { code } = (await (await response).json()) as Problem
      assert.equal(code, 'storage_unavailable')
      await one.demandNothing()
    })

    test('that goes on when the process stops has five seconds, and is told as interrupted then', async () => {
      const { ids, scans } = await one.slow([one.photos[0]])
      const waiting = one.upload([one.photos[1]])
      const second = await one.next()
      const closed = one.app.tintype.close()
      await until(
        async () => {
          one.app.clock.advance(1000)
          return scans[0]?.file.signal.aborted && second.file.signal.aborted
        },
        (both) => both,
      )
      const answered = await waiting
      assert.deepEqual([answered.status, ((await answered.json()) as Problem).code], [503, 'shutting_down'])
      await closed
      const { state, refusal } = await one.status(ids[0] ?? '', one.app.otherUrl)
      assert.deepEqual([state, refusal?.code], ['refused', 'shutting_down'])
    })

    test('is waited for by the client, which says so, and cancels it when it is aborted', async () => {
      const file = new File([Uint8Array.from(one.photos[0])], 'a.jpg', { type: 'image/jpeg' })
      for (const formLimit of [1e9, 0]) {
        const events: string[] = []
        const sleeping = Promise.withResolvers<void>()
        const sleep = async () => sleeping.resolve()
        const options = {
          endpoint: `${one.app.url}/api`,
          formLimit,
          sleep,
          onEvent: (event: string) => void events.push(event),
        }
        const done = uploadByClient(file, options)
        const scan = await one.next()
        one.app.clock.advance(answer)
        await sleeping.promise
        assert.deepEqual(await one.list(), [])
        scan.pass()
        assert.equal((await done).sha256, sha256(one.photos[0]))
        assert.ok(events.includes('checking'))
        for (const { id } of await one.list())
          await fetch(`${one.app.url}/api/media/${id}`, { method: 'DELETE' })
      }
      const controller = new AbortController()
      const { signal } = controller
      const sleeping = Promise.withResolvers<void>()
      const sleep = async () => sleeping.resolve()
      const done = uploadByClient(file, { endpoint: `${one.app.url}/api`, sleep, signal })
      const scan = await one.next()
      one.app.clock.advance(answer)
      await sleeping.promise
      controller.abort()
      await assert.rejects(done)
      await until(() => scan.file.signal.aborted)
      await one.demandNothing()
    })
  })
