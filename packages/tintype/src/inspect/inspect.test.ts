import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { animation, frameFlood, photo, pixelFlood } from '../../../../test/media/photos.ts'
import { fragments } from '../../../../test/media/videos.ts'
import { silentLog } from '../log.ts'
import { inspect } from './inspect.ts'
import { defaultLimits } from './limits.ts'
import { createVideoInspector, type VideoInspector } from './video-inspector.ts'

const video = (name: string) => readFileSync(new URL(`../../../../test/media/files/${name}`, import.meta.url))
/** Soon done with those that never end; what is sound gets the time that it takes on a busy machine. */
const [quick, slow] = [1_000, 60_000].map((cpuLimit) =>
  createVideoInspector({ log: silentLog, cpuLimit, cpuTime: () => undefined }),
) as [VideoInspector, VideoInspector]
const inspectBytes = (bytes: Uint8Array, limits = {}) =>
  inspect(bytes, { ...defaultLimits, ...limits }, quick)
const inspectFully = (bytes: Uint8Array) => inspect(bytes, defaultLimits, slow)
after(() => Promise.all([quick.close(), slow.close()]))

describe('pictures', () => {
  test('an AVIF that names no coding is damaged: nothing of it gets into the sentence', async () => {
    const avif = await photo({ type: 'image/avif', width: 24, height: 16 })
    const at = avif.indexOf('av01', avif.indexOf('infe'))
    const broken = Buffer.concat([avif.subarray(0, at), Buffer.from('\0\x0001'), avif.subarray(at + 4)])
    const verdict = await inspectBytes(broken)
    assert.ok(!verdict.ok && verdict.code === 'not_decodable')
    assert.match(verdict.detail, /^[\w ,.:]+$/)
  })

  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'] as const) {
    test(`${type} is read for its type and dimensions`, async () => {
      const verdict = await inspectBytes(await photo({ type, width: 123, height: 45 }))
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.deepEqual([verdict.type, verdict.width, verdict.height, verdict.frames], [type, 123, 45, 1])
    })
  }

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`EXIF orientation ${orientation} is taken into account`, async () => {
      const verdict = await inspectBytes(await photo({ width: 40, height: 20, orientation }))
      assert.ok(verdict.ok)
      assert.deepEqual([verdict.width, verdict.height], orientation < 5 ? [40, 20] : [20, 40])
    })
  }

  test('a flood of pixels is refused on what the header says', async () => {
    const verdict = await inspectBytes(await pixelFlood())
    assert.ok(!verdict.ok)
    assert.deepEqual([verdict.code, verdict.limit], ['too_many_pixels', 100_000_000])
  })

  test('a flood of frames is refused, and counted right up to the limit', async () => {
    const verdict = await inspectBytes(frameFlood(40_000))
    assert.ok(!verdict.ok)
    assert.deepEqual([verdict.code, verdict.limit], ['too_many_frames', 1000])
    const atLimit = await inspectBytes(frameFlood(1000))
    assert.ok(atLimit.ok && atLimit.frames === 1000)
    assert.ok(!(await inspectBytes(frameFlood(1001))).ok)
  })

  for (const type of ['image/webp', 'image/gif'] as const) {
    test(`the frames of an animated ${type} are counted`, async () => {
      const verdict = await inspectBytes(await animation(3, type))
      assert.ok(verdict.ok && verdict.frames === 3)
      const refused = await inspectBytes(await animation(3, type), { frames: 2 })
      assert.ok(!refused.ok && refused.code === 'too_many_frames')
    })
  }

  test('an APNG has the frames that it claims or the frames that it has, whichever is more', async () => {
    const still = await photo({ type: 'image/png' })
    const claim = chunk('acTL', Buffer.from('0000000700000000', 'hex'))
    const controls = Array.from({ length: 9 }, () => chunk('fcTL', Buffer.alloc(26)))
    const frames = async (...chunks: Buffer[]) => {
      const verdict = await inspectBytes(
        Buffer.concat([still.subarray(0, 33), ...chunks, still.subarray(33)]),
      )
      return verdict.ok && verdict.frames
    }
    assert.equal(await frames(claim), 7)
    assert.equal(await frames(claim, ...controls), 9)
  })

  test('a picture of a million empty parts is refused without walking them all', async () => {
    const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), repeat('5858585800000000')])
    webp.writeUInt32LE(webp.length - 8, 4)
    const jpeg = Buffer.concat([Buffer.from('ffd8', 'hex'), repeat('fffe0002')])
    const still = await photo({ type: 'image/avif' })
    const avif = Buffer.concat([still.subarray(0, still.readUInt32BE(0)), repeat('0000000866726565')])
    for (const bytes of [webp, jpeg, avif]) {
      const verdict = await inspectBytes(bytes)
      assert.ok(!verdict.ok)
      assert.match(verdict.detail, /too many/)
    }
  })

  test('an animated AVIF of which a picture is missing is cut off, and anything may stand behind it', async () => {
    const sequence = video('sequence.avif')
    assert.ok((await inspectBytes(sequence)).ok)
    assert.ok((await inspectBytes(Buffer.concat([sequence, Buffer.alloc(100)]))).ok)
    for (const missing of [1, 9]) {
      const verdict = await inspectBytes(sequence.subarray(0, -missing))
      assert.ok(!verdict.ok)
      assert.match(verdict.detail, /is cut off/)
    }
  })

  test('what the numbers of a picture mean is read off AVIF and PNG', async () => {
    const avif = await inspectBytes(video('pq.avif'))
    assert.ok(avif.ok)
    assert.deepEqual(avif.colour, { primaries: 9, transfer: 16 })
    const still = await photo({ type: 'image/png' })
    const cicp = chunk('cICP', Buffer.from([12, 13, 0, 1]))
    const png = await inspectBytes(Buffer.concat([still.subarray(0, 33), cicp, still.subarray(33)]))
    assert.ok(png.ok)
    assert.deepEqual(png.colour, { primaries: 12, transfer: 13 })
  })

  test('limits are those that are given, and a type may be left out', async () => {
    const jpeg = await photo({ width: 40, height: 20 })
    const refused = async (limits: object) => {
      const verdict = await inspectBytes(jpeg, limits)
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
        const verdict = await inspectBytes(bytes.subarray(0, length))
        assert.ok(!verdict.ok || verdict.type === type)
      }
      for (let at = 0; at < bytes.length; at++) {
        await inspectBytes(withFlippedByte(bytes, at))
      }
    }
  })
})

describe('what is refused is told what it seems to be', () => {
  const zeros = '\0'.repeat(200)
  const office = 'application/vnd.openxmlformats-officedocument'
  /** The local headers of a ZIP archive, each with some bytes behind its name (APPNOTE.TXT, 4.3.7). */
  const archive = (...names: string[]) =>
    names.map((name) => `PK\x03\x04${'\0'.repeat(26)}${name}xxx`).join('')
  /** An entry of a TIFF's directory: tag 254, one LONG of 1, in both orders. */
  const [smallBE, smallLE] = ['\0\xfe\0\x04\0\0\0\x01\0\0\0\x01', '\xfe\0\x04\0\x01\0\0\0\x01\0\0\0']
  for (const [seems, content] of [
    ['a PDF document (application/pdf)', '%PDF-1.7\n1 0 obj'],
    ['a PostScript file (application/postscript)', '%!PS-Adobe-3.0\n%%Pages: 1\n'],
    ['a web page (text/html)', '<!doctype html><script>alert(1)</script>'],
    ['an SVG drawing (image/svg+xml)', '<?xml version="1.0"?>\n<svg onload="alert(1)"/>'],
    ['an SVG drawing (image/svg+xml)', '<!-- a --><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['an XML file (application/xml)', '<?xml version="1.0"?><rss/>'],
    ['a text file (text/plain)', 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'],
    ['a ZIP archive (application/zip)', `PK\x03\x04${zeros}`],
    [
      `a Word document (${office}.wordprocessingml.document)`,
      archive('[Content_Types].xml', 'word/document.xml'),
    ],
    [
      `an Excel file (${office}.spreadsheetml.sheet)`,
      archive('_rels/.rels', 'docProps/app.xml', 'xl/workbook.xml'),
    ],
    [
      `a PowerPoint file (${office}.presentationml.presentation)`,
      archive('_rels/.rels', 'ppt/slides/slide1.xml'),
    ],
    ['a ZIP archive (application/zip)', archive('notes/word/a.txt')],
    ['a RAR archive (application/vnd.rar)', `Rar!\x1a\x07\x01\0${zeros}`],
    ['an old Office file (application/x-cfb)', `\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${zeros}`],
    ['an MP3 recording (audio/mpeg)', `ID3\x04\0\0${zeros}`],
    ['an MP3 recording (audio/mpeg)', `\xff\xfb\x90\x64${zeros}`],
    ['an AAC recording (audio/aac)', `\xff\xf1\x50\x80${zeros}`],
    ['a WAV recording (audio/wav)', `RIFF\xff\xff\0\0WAVEfmt ${zeros}`],
    ['a Canon raw picture (image/x-canon-cr2)', `II*\0\x10\0\0\0CR\x02\0${zeros}`],
    ['a Canon raw picture (image/x-canon-cr3)', `\0\0\0\x18ftypcrx \0\0\0\x01crx isom${zeros}`],
    ['a Nikon raw picture (image/x-nikon-nef)', `MM\0*\0\0\0\x08\0\x19${smallBE}${zeros}NIKON CORPORATION\0`],
    ['a Nikon raw picture (image/x-nikon-nef)', `II*\0\x08\0\0\0\x1c\0${smallLE}${zeros}NIKON CORPORATION\0`],
    ['a Sony raw picture (image/x-sony-arw)', `II*\0\x08\0\0\0\x12\0${smallLE}${zeros}SONY\0`],
    ['a TIFF picture (image/tiff)', `MM\0*\0\0\0\x08\0\x19\x01\0\0\x03${zeros}NIKON CORPORATION\0`],
    ['a TIFF picture (image/tiff)', `II*\0\x08\0\0\0\x1c\0\xfe\0\x04\0\x01\0\0\0${zeros}SONY\0`],
    [
      'a raw picture (image/x-adobe-dng)',
      `II*\0\x08\0\0\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0${zeros}Apple\0`,
    ],
    ['a Photoshop file (image/vnd.adobe.photoshop)', `8BPS\0\x01${zeros}`],
    ['an MPEG transport stream (video/mp2t)', `G@\0\x10${'\xff'.repeat(184)}G@${zeros}`],
    ['an Ogg video (video/ogg)', `OggS\0\x02${'\0'.repeat(22)}\x80theora${zeros}`],
    ['a Windows program (application/x-msdownload)', `MZ${zeros}`],
    ['a BMP picture (image/bmp)', `BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0${zeros}`],
    // In Windows-1252, where no bytes tell one alphabet from another.
    ['no type of file that is known here', 'BMW: die gro\xdfe \xdcbersicht aller Fahrzeuge'],
    ['no type of file that is known here', 'MZ: \xdcbergabe am Freitag. '.repeat(20)],
    ['a text file (text/plain)', `\xff\xfeH\0e\0l\0l\0o\0`],
    ['a text file (text/plain)', `\xfe\xff\0H\0e\0l\0l\0o`],
    ['a text file (text/plain)', Buffer.from(`:${'Съешь же ещё этих булок'.repeat(99)}`).toString('latin1')],
    ['no type of file that is known here', Buffer.from('Съе').toString('latin1').slice(0, -1)],
    ['a TIFF picture (image/tiff)', `II*\0\xff\xff\xff\x00${zeros}`],
    ['an AVI video (video/vnd.avi)', `RIFF\xff\xff\0\0AVI LIST${zeros}`],
    // Sound alone begins alike.
    ['a Windows Media file (application/vnd.ms-asf)', `0&\xb2u\x8ef\xcf\x11${zeros}`],
    ['an M4A recording (audio/x-m4a)', `\0\0\0\x14ftypM4A \0\0\0\0M4A ${zeros}`],
    ['a Linux program (application/x-elf)', `\x7fELF${zeros}`],
    ['no type of file that is known here', '\x01\x02\x03'],
  ] as const) {
    test(seems, async () => {
      const verdict = await inspectBytes(Buffer.from(content, 'latin1'))
      assert.ok(!verdict.ok)
      assert.equal(verdict.code, 'unsupported_type')
      assert.ok(verdict.detail.startsWith(`This is ${seems}. Tintype takes JPEG, PNG,`), verdict.detail)
    })
  }

  test('a TIFF, whatever it is called', async () => {
    const verdict = await inspectBytes(await photo({ type: 'image/tiff' }))
    assert.ok(!verdict.ok && verdict.detail.startsWith('This is a TIFF picture (image/tiff).'))
  })

  test('a HEIC photo where its decoder is not installed, with what to do', async () => {
    const { accept } = defaultLimits
    const limits = {
      ...defaultLimits,
      accept: new Set([...accept].filter((type) => type !== 'image/heic')),
      missing: new Map([['image/heic', 'libheif-js']]),
    }
    const head = Buffer.from(`\0\0\0\x18ftypheic\0\0\0\0mif1heic${zeros}`, 'latin1')
    const verdict = await inspect(head, limits, { inspect: () => assert.fail() })
    assert.ok(!verdict.ok && verdict.code === 'unsupported_type')
    assert.match(
      verdict.detail,
      /HEIC photo .* npm package libheif-js is not installed: save it as JPEG first\. Tintype takes JPEG/,
    )
  })

  test('a picture that is also a web page or an archive is the picture that its first bytes say', async () => {
    const jpeg = await photo()
    for (const tail of ['<html><script>alert(1)</script>', `PK\x05\x06${zeros}`]) {
      const verdict = await inspectBytes(Buffer.concat([jpeg, Buffer.from(tail, 'latin1')]))
      assert.ok(verdict.ok && verdict.type === 'image/jpeg')
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
      const verdict = await inspectFully(video(name))
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
        const verdict = await inspectBytes(bytes.subarray(0, length))
        assert.ok(!verdict.ok, `${length} of ${bytes.length} bytes`)
      }
    })
  }

  test('a file with sound alone has no video track', async () => {
    const verdict = await inspectFully(video('sound-only.mp4'))
    assert.ok(!verdict.ok && verdict.code === 'no_video_track')
  })

  test('a recording of an hour in fragments is taken, and refused when its end is cut off', async () => {
    const recording = await fragments(3600)
    const verdict = await inspectFully(recording)
    assert.ok(verdict.ok, JSON.stringify(verdict))
    assert.equal(verdict.duration, 3600)
    assert.ok(!(await inspectFully(recording.subarray(0, -100))).ok)
    const withoutIndex = recording.subarray(0, recording.lastIndexOf('mfra') - 4)
    assert.ok((await inspectFully(withoutIndex)).ok)
  })

  test('no flipped byte makes it throw', async () => {
    for (const name of ['index-first.mp4', 'clip.webm']) {
      const bytes = video(name)
      for (let at = 0; at < 600; at += 7) await inspectBytes(withFlippedByte(bytes, at))
    }
  })
})

function withFlippedByte(bytes: Buffer, at: number): Buffer {
  const broken = Buffer.from(bytes)
  broken[at] = (broken[at] as number) ^ 0xff
  return broken
}

function repeat(hex: string): Buffer {
  return Buffer.alloc(1_000_000 * (hex.length / 2), hex, 'hex')
}

/** A chunk as the PNG specification (third edition, section 5.3) lays it out. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const bytes = Buffer.alloc(4 + body.length + 4)
  bytes.writeUInt32BE(data.length, 0)
  body.copy(bytes, 4)
  bytes.writeUInt32BE(crc32(body), 4 + body.length)
  return bytes
}
