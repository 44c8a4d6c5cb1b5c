import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorTable } from '@tintype/protocol'
import fc from 'fast-check'
import { inspect } from '../../packages/tintype/src/inspect/inspect.ts'
import { defaultLimits } from '../../packages/tintype/src/inspect/limits.ts'
import type { Verdict } from '../../packages/tintype/src/inspect/verdict.ts'
import { createVideoInspector } from '../../packages/tintype/src/inspect/video-inspector.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { asRecording, clip, withoutBeginning } from '../media/containers.ts'
import {
  appleNote,
  container,
  exifOf,
  exifSegment,
  multiPicture,
  quickTimeKeys,
  samsungClip,
  withIndexed,
  xmpSegment,
} from '../media/details.ts'
import { coded, grid, heif, rotation, size } from '../media/heif.ts'
import { animation, photo } from '../media/photos.ts'
import { fragments } from '../media/videos.ts'
import { fuzz } from '../support/fuzz.ts'
import { changed, changes } from '../support/mutations.ts'

// Small files of every type that is taken, changed at random: bits, lengths, pieces that are lost, doubled or nested. The
// readers answer with a verdict and never throw. That of videos runs in its own process, as it does in a server: a clip in
// which it looks for a cluster without end is refused when its time is over.

const videos = createVideoInspector({ log: silentLog, cpuLimit: 1000 })
after(() => videos.close())

let files: Buffer[]
before(async () => {
  files = [
    await photo({ width: 24, height: 16 }),
    await photo({ width: 24, height: 16, orientation: 6, gps: true }),
    ...(await Promise.all(
      (['image/png', 'image/webp', 'image/gif', 'image/avif'] as const).map((type) =>
        photo({ type, width: 24, height: 16 }),
      ),
    )),
    await animation(3, 'image/webp'),
    await animation(3, 'image/gif'),
    clip('sequence.avif'),
    ...['quadrants.heic', 'alpha.heic', 'quadrants.jxl', 'turned-6.jxl'].map(clip),
    tiles(),
    ...['index-first.mp4', 'index-at-end.mp4', 'rotated.mp4', 'hevc.mp4', 'clip.mov', 'clip.webm'].map(clip),
    withoutBeginning(clip('clip.mov'), 'mdat'),
    asRecording(clip('clip.webm')),
    await fragments(4),
    ...['dated.heic', 'dated.avif', 'dated.jxl'].map((name) => clip(`../dated/${name}`)),
    storied(await photo({ width: 24, height: 16 })),
    withIndexed(clip('clip.mov'), quickTimeKeys({ 'com.apple.quicktime.creationdate': '2024-01-31' })),
  ]
})

/** A photo with all that is read of one: Exif, a maker note, XMP, a second picture, and a clip behind it. */
function storied(jpeg: Buffer): Buffer {
  const exif = exifOf({ original: '2024:01:31 14:25:01', make: 'Apple', makerNote: appleNote('ABC-123') })
  const xmp = xmpSegment('hdrgm:Version="1.0"', container([{ semantic: 'MotionPhoto', length: 4362 }]))
  const pictures = multiPicture(jpeg, [exifSegment(exif), xmp], jpeg)
  return Buffer.concat([pictures, samsungClip(clip('index-first.mp4'))])
}
test('readers of pictures and videos give a verdict of whatever they are given', async () => {
  const file = fc.nat(1000).map((n) => files[n % files.length] as Buffer)
  await fc.assert(
    fc.asyncProperty(file, changes, async (base, all) => {
      const bytes = changed(base, all)
      checkVerdict(await inspect(bytes, defaultLimits, videos))
    }),
    fuzz(1500),
  )
})

/** A HEIC of four tiles. */
function tiles(): Buffer {
  const { data, configuration } = coded('quadrants.heic')
  const tile = { type: 'hvc1', data, properties: [configuration, size(128, 64)] }
  const whole = { type: 'grid', data: grid(2, 2, 250, 120), properties: [size(250, 120), rotation(1)] }
  const references = [{ type: 'dimg', from: 1, to: [2, 3, 4, 5] }]
  return heif({ items: [whole, tile, tile, tile, tile], references })
}

function checkVerdict(verdict: Verdict): void {
  if (!verdict.ok) {
    const { status } = errorTable[verdict.code]
    assert.ok(status === 415 || status === 422 || verdict.code === 'empty_file', verdict.code)
    assert.match(verdict.detail, /^[\p{L}\p{N}\p{P}\p{S} ]{20,500}$/u)
    return
  }
  const { width, height, frames, duration = 1, decodeMemory = 0 } = verdict
  for (const number of [width, height, frames]) assert.ok(Number.isSafeInteger(number) && number > 0)
  assert.ok(width * height <= defaultLimits.pixels || verdict.kind === 'video')
  assert.ok(Number.isFinite(duration) && duration > 0 && Number.isSafeInteger(decodeMemory))
}
