// In a process of its own: it looks for the processes that it has started, and stops or kills one.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { childPids, skipWithoutProc } from '../support/children.ts'
import { mediaOf, startServer, type TestServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

describe('videos', () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  test('C13 a video whose process is held up waits, one whose process dies is 422, and others are served', {
    skip: skipWithoutProc,
  }, async () => {
    const video = { bytes: await readFile(new URL('../media/files/index-first.mp4', import.meta.url)) }
    assert.equal((await upload(server.url, video)).status, 201)
    const [pid] = childPids('video-worker') as [number]
    process.kill(pid, 'SIGSTOP')
    const first = upload(server.url, video)
    assert.equal((await upload(server.url, { bytes: await photo() })).status, 201)
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    process.kill(pid, 'SIGCONT')
    assert.equal((await first).status, 201)

    process.kill(pid, 'SIGSTOP')
    const all = [upload(server.url, video), upload(server.url, video)]
    const waiting = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      return metrics.includes('\ntintype_files_waiting{of="videos"} 1\n')
    }
    await until(waiting)
    process.kill(pid, 'SIGKILL')
    const statuses = await Promise.all(all.map(async (one) => (await one).status))
    assert.deepEqual(statuses.sort(), [201, 422])
  })

  test('a video is taken with its type, upright dimensions and duration', async () => {
    const bytes = await readFile(new URL('../media/files/rotated.mp4', import.meta.url))
    const { kind, type, width, height, duration, urls } = await mediaOf(await upload(server.url, { bytes }))
    assert.deepEqual(
      { kind, type, width, height, duration },
      { kind: 'video', type: 'video/mp4', width: 120, height: 160, duration: 2 },
    )
    assert.deepEqual(Object.keys(urls), ['original', 'poster', 'thumb'])
    const range = await fetch(urls.original, { headers: { Range: 'bytes=4-7' } })
    assert.deepEqual([range.status, await range.text()], [206, 'ftyp'])
  })
})
