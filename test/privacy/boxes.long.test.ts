import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import sharp from 'sharp'
import { prefixes } from '../../packages/tintype/src/metadata/jpeg-segments.ts'
import { applyEdits, fromMemory } from '../../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../../packages/tintype/src/privacy/plan-cleaning.ts'
import { launchBrowser } from '../browser/browser.ts'
import { box } from '../media/containers.ts'
import { jpegSegment, withSegments } from '../media/exif.ts'
import { photo } from '../media/photos.ts'
import { boxedMetadata, sampleEntry, withTrack } from '../media/private-clips.ts'
import { leaks, privateExif, privateXmp } from '../media/secrets.ts'
import { withPlace } from '../media/videos.ts'

// What other programs see of files that were cleaned: ExifTool no secret, decoders the same pictures.

const own = (name: string) => readFileSync(new URL(`../media/private/${name}`, import.meta.url))
const secret = 'SN7391824650 51.507351'
const plain = await sharp(await photo({ width: 320, height: 240 }))
  .withIccProfile('p3')
  .jpeg()
  .toBuffer()
const tagged = (jpeg: Buffer) =>
  withSegments(jpeg, [
    jpegSegment(0xe1, prefixes.exif, privateExif({ orientation: 1 })),
    jpegSegment(0xe1, prefixes.xmp, Buffer.from(privateXmp())),
  ])
const ultraHdr = readFileSync(new URL('../media/files/ultra-hdr.jpg', import.meta.url))
const files: Record<string, { type: string; bytes: Buffer }> = {
  'profile.jpg': { type: 'image/jpeg', bytes: tagged(plain) },
  'ultra-hdr.jpg': {
    type: 'image/jpeg',
    bytes: withSegments(ultraHdr, [jpegSegment(0xe1, prefixes.exif, privateExif({ orientation: 1 }))]),
  },
  'motion.jpg': { type: 'image/jpeg', bytes: Buffer.concat([tagged(plain), own('clip.mov')]) },
  'clip.mp4': {
    type: 'video/mp4',
    bytes: withPlace(
      readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)),
      '+51.5073-000.1277/',
    ),
  },
  'clip.mov': { type: 'video/quicktime', bytes: own('clip.mov') },
  'fragments.mp4': { type: 'video/mp4', bytes: own('fragments.mp4') },
  'clip.webm': { type: 'video/webm', bytes: own('clip.webm') },
  'clip.mkv': { type: 'video/matroska', bytes: own('clip.mkv') },
  'telemetry.mp4': { type: 'video/mp4', bytes: withTrack(sampleEntry('gpmd'), [secret, secret]) },
  'places.mov': {
    type: 'video/quicktime',
    bytes: withTrack(boxedMetadata('com.apple.quicktime.location.ISO6709'), [secret]),
  },
  'photo.heic': { type: 'image/heic', bytes: own('photo.heic') },
  'motion.heic': {
    type: 'image/heic',
    bytes: Buffer.concat([own('photo.heic'), box('mpvd', own('clip.mov'))]),
  },
  'photo.avif': { type: 'image/avif', bytes: own('photo.avif') },
  'photo.jxl': { type: 'image/jxl', bytes: own('photo.jxl') },
}

// Before any test: hooks of the file run when nothing is left to wait for.
const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
after(() => (typeof launched === 'string' ? undefined : launched[Symbol.asyncDispose]()))

const folder = mkdtempSync(join(tmpdir(), 'tintype-cleaned-'))
after(() => rmSync(folder, { recursive: true }))

async function pair(name: string): Promise<{ sent: string; stored: string }> {
  const { type, bytes } = files[name] as (typeof files)[string]
  const { edits, found, unsure } = await planCleaning(fromMemory(bytes), type, {
    location: 'remove',
    identifiers: 'remove',
  })
  assert.equal(found.location, true)
  assert.equal(unsure, undefined)
  const cleaned = Buffer.from(bytes)
  applyEdits(cleaned, edits)
  const [sent, stored] = [join(folder, `sent-${name}`), join(folder, `stored-${name}`)]
  writeFileSync(sent, bytes)
  writeFileSync(stored, cleaned)
  return { sent, stored }
}

const without = (tool: string, ...args: string[]) =>
  spawnSync(tool, args).error !== undefined && `${tool} is not installed`
const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] })

describe('ExifTool sees no secret', { skip: without('exiftool', '-ver') }, () => {
  for (const name of Object.keys(files)) {
    test(`in ${name}`, async () => {
      const { stored } = await pair(name)
      const seen = run('exiftool', '-a', '-u', '-G1', '-ee3', '-api', 'RequestAll=3', '-n', stored).toString()
      assert.deepEqual(leaks(Buffer.from(seen)), [], seen)
      assert.doesNotMatch(seen, /GPS(?! ?(Version|Img))|Serial/i)
      assert.deepEqual(leaks(readFileSync(stored)), [])
    })
  }
})

describe('ffmpeg', { skip: without('ffmpeg', '-version') }, () => {
  for (const name of Object.keys(files).filter((name) => !/heic|jxl|avif|jpg/.test(name))) {
    test(`has the same packets of ${name}, and decodes them all`, async () => {
      const { sent, stored } = await pair(name)
      const packets = (file: string) =>
        run(
          'ffmpeg',
          '-v',
          'error',
          '-i',
          file,
          '-map',
          '0:V',
          '-c',
          'copy',
          '-f',
          'framemd5',
          '-',
        ).toString()
      assert.equal(packets(stored), packets(sent))
      const frames = (file: string) =>
        run('ffmpeg', '-v', 'error', '-xerror', '-i', file, '-map', '0:V', '-f', 'framemd5', '-').toString()
      assert.equal(frames(stored), frames(sent))
    })
  }
})

describe('decoders of pictures see the same pixels', () => {
  for (const name of ['photo.heic', 'motion.heic', 'photo.avif']) {
    test(`of ${name}`, { skip: without('heif-convert', '--version') }, async () => {
      const { sent, stored } = await pair(name)
      for (const file of [sent, stored]) run('heif-convert', file, `${file}.png`)
      const pixels = (file: string) =>
        run('ffmpeg', '-v', 'error', '-i', `${file}.png`, '-f', 'md5', '-').toString()
      assert.equal(pixels(stored), pixels(sent))
    })
  }

  test('of photo.jxl; and the JPEG that it was made of is put together again', {
    skip: without('djxl', '--version'),
  }, async () => {
    const { sent, stored } = await pair('photo.jxl')
    for (const file of [sent, stored]) {
      run('djxl', file, `${file}.ppm`)
      run('djxl', file, `${file}.jpg`)
    }
    assert.deepEqual(readFileSync(`${stored}.ppm`), readFileSync(`${sent}.ppm`))
    const [before, now] = [readFileSync(`${sent}.jpg`), readFileSync(`${stored}.jpg`)]
    const scan = (jpeg: Buffer) => jpeg.subarray(jpeg.lastIndexOf('ffda', undefined, 'hex'))
    assert.deepEqual(scan(now), scan(before))
    assert.deepEqual(leaks(now), [])
    assert.match(now.toString('latin1'), /Ansel Example/)
  })
})

test('Chromium shows the same pictures of each format that it knows', { skip }, async (t) => {
  if (typeof launched === 'string') return
  const page = await launched.browser.newPage()
  const playsH264 = await page.evaluate(
    () => document.createElement('video').canPlayType('video/mp4; codecs="avc1.42E01E"') !== '',
  )
  if (!playsH264) t.diagnostic('This Chromium plays no H.264: MP4 and MOV are not shown.')
  const shownTypes = ['clip.webm', 'photo.avif', 'profile.jpg', 'ultra-hdr.jpg', 'motion.jpg']
  for (const name of [...shownTypes, ...(playsH264 ? ['clip.mp4', 'clip.mov'] : [])]) {
    const { sent, stored } = await pair(name)
    const shown = (file: string) => {
      const { type } = files[name] as { type: string }
      return page.evaluate(
        show,
        `data:${type === 'video/quicktime' ? 'video/mp4' : type};base64,${readFileSync(file).toString('base64')}`,
      )
    }
    const before = await shown(sent)
    assert.match(before, /[1-9]/, `${name} is shown`)
    assert.equal(await shown(stored), before)
  }
})

/** In the browser: its last frame, as pixels. A frame that is decoded is drawn only once it has been presented. */
async function show(url: string): Promise<string> {
  const isVideo = url.startsWith('data:video')
  const element = isVideo ? document.createElement('video') : new Image()
  element.src = url
  if (element instanceof HTMLVideoElement) {
    const presented = () => new Promise<void>((resolve) => element.requestVideoFrameCallback(() => resolve()))
    await presented()
    const last = presented()
    element.currentTime = element.duration
    await last
  } else await element.decode()
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 64, height: 48 })
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.drawImage(element, 0, 0)
  return [...context.getImageData(0, 0, 64, 48).data].join(' ')
}
