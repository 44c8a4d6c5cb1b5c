import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fragments } from '../../../../test/media/videos.ts'
import { silentLog } from '../log.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import { createVideoInspector } from './video-inspector.ts'

const file = (name: string) => readFileSync(new URL(`../../../../test/media/files/${name}`, import.meta.url))

describe('videos that are somewhere else', () => {
  const videos = createVideoInspector({ log: silentLog })
  after(() => videos.close())

  test('an MP4 of 10 GB with its index at the end is inspected from some tens of kilobytes', async () => {
    const { source, counts } = counted(padded(file('index-at-end.mp4'), 10 * 1024 ** 3))
    const verdict = await videos.inspect(source)
    assert.ok(verdict.ok, JSON.stringify(verdict))
    assert.deepEqual([verdict.type, verdict.width, verdict.height], ['video/mp4', 160, 120])
    assert.ok(counts.bytes < 64 * 1024 && counts.reads < 16, JSON.stringify(counts))
  })

  for (const name of ['index-first.mp4', 'rotated.mp4', 'clip.mov', 'clip.webm', 'sound-only.mp4']) {
    test(`${name} gets the same verdict as in memory`, async () => {
      const { source } = counted(file(name))
      assert.deepEqual(await videos.inspect(source), await videos.inspect(file(name)))
    })
  }

  test('a recording of an hour in fragments is walked once', async () => {
    const recording = await fragments(3600)
    const { source, counts } = counted(recording)
    const verdict = await videos.inspect(source)
    assert.ok(verdict.ok && verdict.duration === 3600, JSON.stringify(verdict))
    assert.ok(counts.bytes <= recording.length * 1.1, JSON.stringify(counts))
  })

  test('one that is cut off is refused', async () => {
    const { source } = counted(file('index-at-end.mp4').subarray(0, -100))
    assert.ok(!(await videos.inspect(source)).ok)
  })

  test('where reads take too long, it is not the video that is refused', async () => {
    const withoutTime = createVideoInspector({ log: silentLog, readingTime: -1 })
    await assert.rejects(withoutTime.inspect(counted(file('clip.mov')).source), { code: 'overloaded' })
    await withoutTime.close()
  })

  test('an index in too many places is refused', async () => {
    const frugal = createVideoInspector({ log: silentLog, mostReads: 20 })
    const verdict = await frugal.inspect(counted(await fragments(3600)).source)
    assert.ok(!verdict.ok && verdict.code === 'not_decodable')
    assert.match(verdict.detail, /too many places/)
    await frugal.close()
  })

  test('one that keeps its reader busy for ever is refused, in memory or not, and the next one inspected', async () => {
    const script = fileURLToPath(import.meta.resolve('../../../../test/support/looping-worker.ts'))
    const looping = createVideoInspector({ log: silentLog, script, cpuLimit: 300 })
    const [loop, sound] = [Buffer.from('loop'), file('clip.mov')]
    const verdicts = await Promise.all([
      looping.inspect(loop),
      looping.inspect(sound),
      looping.inspect(counted(loop).source),
      looping.inspect(counted(sound).source),
    ])
    const refused = ['not_decodable', true, 'not_decodable', true]
    assert.deepEqual(
      verdicts.map((verdict) => (verdict.ok ? verdict.ok : verdict.code)),
      refused,
    )
    await looping.close()
  })

  test('what reading throws is thrown, and the next one inspected', async () => {
    const away = { size: 1000, read: () => Promise.reject(new Error('S3 is away')) }
    await assert.rejects(videos.inspect(away), /S3 is away/)
    assert.ok((await videos.inspect(file('clip.mov'))).ok)
  })
})

function counted(bytes: Buffer | RangeSource) {
  const counts = { reads: 0, bytes: 0 }
  const source: RangeSource = {
    size: 'size' in bytes ? bytes.size : bytes.length,
    async read(start, end) {
      counts.reads++
      counts.bytes += end - start
      return 'size' in bytes ? bytes.read(start, end) : bytes.subarray(start, end)
    },
  }
  return { source, counts }
}

/** The same MP4 with a `free` box of zeros before its index, so that it has `size` bytes; they exist when read. */
function padded(mp4: Buffer, size: number): RangeSource {
  const at = mp4.lastIndexOf('moov') - 4
  const header = Buffer.alloc(16)
  header.writeUInt32BE(1, 0)
  header.write('free', 4)
  header.writeBigUInt64BE(BigInt(size - mp4.length), 8)
  const before = Buffer.concat([mp4.subarray(0, at), header])
  const index = mp4.subarray(at)
  const indexAt = size - index.length
  return {
    size,
    async read(start, end) {
      const bytes = Buffer.alloc(end - start)
      if (start < before.length) before.copy(bytes, 0, start, Math.min(end, before.length))
      if (end > indexAt) {
        const from = Math.max(start, indexAt)
        index.copy(bytes, from - start, from - indexAt, end - indexAt)
      }
      return bytes
    },
  }
}
