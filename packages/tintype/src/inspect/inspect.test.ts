import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { frameFlood, photo, pixelFlood } from '../../../../test/media/photos.ts'
import { silentLog } from '../log.ts'
import { inspect } from './inspect.ts'
import { defaultLimits } from './limits.ts'
import { displayName } from './name.ts'
import { createVideoInspector } from './video-inspector.ts'

const video = (name: string) => readFileSync(new URL(`../../../../test/media/files/${name}`, import.meta.url))
const videos = createVideoInspector({ log: silentLog, timeout: 1000 })
const judge = (bytes: Uint8Array, limits = {}) => inspect(bytes, { ...defaultLimits, ...limits }, videos)
after(() => videos.close())

describe('pictures', () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const) {
    test(`${type} is read for its type and dimensions`, async () => {
      const verdict = await judge(await photo({ type, width: 123, height: 45 }))
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.deepEqual([verdict.type, verdict.width, verdict.height, verdict.frames], [type, 123, 45, 1])
    })
  }

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`EXIF orientation ${orientation} is taken into account`, async () => {
      const verdict = await judge(await photo({ width: 40, height: 20, orientation }))
      assert.ok(verdict.ok)
      assert.deepEqual([verdict.width, verdict.height], orientation < 5 ? [40, 20] : [20, 40])
    })
  }

  test('a flood of pixels is refused on what the header says', async () => {
    const verdict = await judge(await pixelFlood())
    assert.ok(!verdict.ok)
    assert.deepEqual([verdict.code, verdict.limit], ['too_many_pixels', 100_000_000])
  })

  test('a flood of frames is refused, and counted right up to the limit', async () => {
    const verdict = await judge(frameFlood(40_000))
    assert.ok(!verdict.ok)
    assert.deepEqual([verdict.code, verdict.limit], ['too_many_frames', 1000])
    const atLimit = await judge(frameFlood(1000))
    assert.ok(atLimit.ok && atLimit.frames === 1000)
    assert.ok(!(await judge(frameFlood(1001))).ok)
  })

  test('limits are those that are given, and a type may be left out', async () => {
    const jpeg = await photo({ width: 40, height: 20 })
    const refused = async (limits: object) => {
      const verdict = await judge(jpeg, limits)
      return verdict.ok ? undefined : verdict.code
    }
    assert.equal(await refused({ pixels: 800 }), undefined)
    assert.equal(await refused({ pixels: 799 }), 'too_many_pixels')
    assert.equal(await refused({ imageBytes: jpeg.length - 1 }), 'too_large')
    assert.equal(await refused({ accept: new Set(['image/png']) }), 'unsupported_type')
  })

  test('no prefix of a file and no flipped byte throws or passes for another type', async () => {
    for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const) {
      const bytes = await photo({ type, width: 20, height: 10 })
      for (let length = 0; length < bytes.length; length++) {
        const verdict = await judge(bytes.subarray(0, length))
        assert.ok(!verdict.ok || verdict.type === type)
      }
      for (let at = 0; at < bytes.length; at++) {
        await judge(withFlippedByte(bytes, at))
      }
    }
  })
})

describe('videos', () => {
  for (const [name, type, width, height] of [
    ['index-at-end.mp4', 'video/mp4', 160, 120],
    ['index-first.mp4', 'video/mp4', 160, 120],
    ['rotated.mp4', 'video/mp4', 120, 160],
    ['clip.mov', 'video/quicktime', 160, 120],
    ['clip.webm', 'video/webm', 160, 120],
  ] as const) {
    test(`${name} is read for type, upright dimensions and duration`, async () => {
      const verdict = await judge(video(name))
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.deepEqual(
        [verdict.type, verdict.width, verdict.height, verdict.duration],
        [type, width, height, 2],
      )
    })

    test(`${name} is refused wherever it is cut off`, async () => {
      const bytes = video(name)
      // The last bytes of a WebM are its seek index, which players do without.
      const last = type === 'video/webm' ? bytes.length / 2 : bytes.length
      for (let length = 100; length < last; length += 97) {
        const verdict = await judge(bytes.subarray(0, length))
        assert.ok(!verdict.ok, `${length} of ${bytes.length} bytes`)
      }
    })
  }

  test('a file with sound alone has no video track', async () => {
    const verdict = await judge(video('sound-only.mp4'))
    assert.ok(!verdict.ok && verdict.code === 'no_video_track')
  })

  test('a file that would keep the reader busy for ever is refused, and the next one judged', async () => {
    const bytes = video('index-first.mp4')
    const [endless, sound] = await Promise.all([judge(withFlippedByte(bytes, 693)), judge(bytes)])
    assert.ok(!endless.ok && endless.code === 'not_decodable')
    assert.ok(sound.ok)
  })

  test('no flipped byte makes it throw', async () => {
    for (const name of ['index-first.mp4', 'clip.webm']) {
      const bytes = video(name)
      for (let at = 0; at < 600; at += 7) await judge(withFlippedByte(bytes, at))
    }
  })
})

test('names are cleaned, bounded and never empty', () => {
  assert.equal(displayName('/etc/passwd', 'jpg'), 'passwd')
  assert.equal(displayName('C:\\photos\\a.jpg', 'jpg'), 'a.jpg')
  assert.equal(displayName('a\r\nb\u202egpj.exe', 'jpg'), 'abgpj.exe')
  assert.equal(displayName(undefined, 'png'), 'photo.png')
  assert.equal(displayName('..', 'png'), 'photo.png')
  assert.equal(displayName('nul', 'png'), '_nul')
  assert.equal(displayName('\ud800.jpg', 'jpg'), '\ufffd.jpg')
  const long = displayName(`${'👨‍👩‍👧'.repeat(100)}.jpeg`, 'jpg')
  assert.ok(long.length <= 200 && long.endsWith('👧.jpeg'))
  assert.throws(() => displayName('a\0', 'jpg'), { code: 'invalid_name' })
})

function withFlippedByte(bytes: Buffer, at: number): Buffer {
  const broken = Buffer.from(bytes)
  broken[at] = (broken[at] as number) ^ 0xff
  return broken
}
