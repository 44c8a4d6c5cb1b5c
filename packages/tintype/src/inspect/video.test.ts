import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { coloured } from '../../../../test/media/colours.ts'
import {
  asRecording,
  box,
  boxesOf,
  clip,
  renamed,
  withBrands,
  withNumber,
  withoutBeginning,
} from '../../../../test/media/containers.ts'
import { fragments, withShortColours } from '../../../../test/media/videos.ts'
import { inspectVideo } from './video.ts'
import { longestVideo } from './video-refusals.ts'

const inspectBytes = (bytes: Buffer) =>
  inspectVideo({ size: bytes.length, read: async (start, end) => bytes.subarray(start, end) })

async function typeOf(bytes: Buffer): Promise<string> {
  const verdict = await inspectBytes(bytes)
  return verdict.ok
    ? `${verdict.type} ${verdict.width}x${verdict.height} ${verdict.duration}`
    : verdict.detail
}

async function refusal(bytes: Buffer) {
  const verdict = await inspectBytes(bytes)
  if (verdict.ok) assert.fail('It is taken.')
  return verdict
}

const mp4 = clip('index-first.mp4')
const indexLast = clip('index-at-end.mp4')
const mov = clip('clip.mov')

describe('boxes that count for nothing', () => {
  for (const first of ['wide', 'skip', 'free', 'pnot']) {
    test(`a movie begins with ${first}`, async () => {
      assert.equal(await typeOf(renamed(mov, 'ftyp', first)), 'video/quicktime 160x120 2')
    })
  }

  test('a movie begins with its data, or with its index', async () => {
    assert.equal(await typeOf(withoutBeginning(mov, 'mdat')), 'video/quicktime 160x120 2')
    assert.equal(await typeOf(withoutBeginning(mp4, 'moov')), 'video/quicktime 160x120 2')
  })

  const trailers = {
    'letters that look like a box of a gigabyte': Buffer.from('APPENDED-BY-CAMERA-0001'),
    'a few bytes': Buffer.from('abc'),
    'zeros, which would be a box up to the end': Buffer.alloc(32),
    'a box that reaches past the end': Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.from('udta')]),
    'a box smaller than its header': Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('free')]),
  }
  for (const [name, trailer] of Object.entries(trailers)) {
    test(`behind the last box comes ${name}`, async () => {
      for (const file of [mp4, indexLast, mov, clip('clip.webm'), await fragments(3)]) {
        const whole = await typeOf(file)
        assert.match(whole, /^video/)
        assert.equal(await typeOf(Buffer.concat([file, trailer])), whole)
      }
    })
  }

  test('a box that says more than there is, around data that are all there', async () => {
    const larger = withNumber(mp4, 'mdat', -8, mp4.length)
    assert.equal(await typeOf(larger), 'video/mp4 160x120 2')
  })
})

test('colours without their last byte, as some phones write them', async () => {
  assert.match(await typeOf(withShortColours(coloured('bt709.mp4'))), /^video\/mp4 96x64/)
})

test('brands of phones, cameras and editors and unknown brands are all MP4', async () => {
  for (const brand of [
    'isom',
    '3gp4',
    '3g2a',
    'M4V ',
    'M4VP',
    'MSNV',
    'XAVC',
    'CAEP',
    'mqt ',
    'f4v ',
    'dash',
    'zzzz',
  ]) {
    assert.equal(await typeOf(withBrands(mp4, brand)), 'video/mp4 160x120 2')
    assert.equal(await typeOf(withBrands(mp4, brand, 'zzzz')), 'video/mp4 160x120 2')
  }
  assert.equal(await typeOf(withBrands(mp4, 'qt  ')), 'video/quicktime 160x120 2')
})

describe('what is cut off is said', () => {
  test('a recording that the camera could not end has no index', async () => {
    const [ftyp, , mdat] = boxesOf(indexLast).map(({ bytes }) => bytes)
    for (const file of [Buffer.concat([ftyp, mdat] as Buffer[]), indexLast.subarray(0, 2000)]) {
      const { code, detail } = await refusal(file)
      assert.equal(code, 'not_decodable')
      assert.match(detail, /cut off: its index is missing/)
    }
  })

  test('an index that is cut', async () => {
    const { detail } = await refusal(indexLast.subarray(0, -1))
    assert.match(detail, /cut off: a part of its index/)
  })

  test('data that are cut, with how much', async () => {
    const { code, detail } = await refusal(mp4.subarray(0, -100))
    assert.equal(code, 'not_decodable')
    assert.match(detail, /cut off: at least 100 bytes are missing at its end/)
    assert.match((await refusal(mp4.subarray(0, -1))).detail, /at least 1 byte is missing at its end/)
    assert.match(
      (await refusal(clip('clip.webm').subarray(0, 1500))).detail,
      /cut off: at least .* are missing at its end/,
    )
  })

  test('pieces of a stream without their beginning', async () => {
    const pieces = boxesOf(await fragments(3)).filter(({ type }) => type !== 'ftyp' && type !== 'moov')
    const { detail } = await refusal(Buffer.concat(pieces.map(({ bytes }) => bytes)))
    assert.match(detail, /its index is missing/)
  })

  test('a movie that only refers to another file', async () => {
    const dref = mp4.indexOf('dref')
    const { detail } = await refusal(withNumber(mp4, 'dref', 16, 0))
    assert.ok(dref > 0)
    assert.match(detail, /refers to another file/)
  })
})

describe('a recording by a browser, which says neither its length nor its size', () => {
  const recording = asRecording(clip('clip.webm'))

  test('is as long as its last picture says, with bytes behind its end or without', async () => {
    const trailer = Buffer.from('APPENDED-BY-CAMERA-0001')
    for (const file of [recording, Buffer.concat([recording, trailer])]) {
      const verdict = await inspectBytes(file)
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.deepEqual([verdict.type, verdict.width, verdict.height], ['video/webm', 160, 120])
      assert.equal(verdict.duration, 2)
    }
  })

  test('of hours is read at its beginning and its end', async () => {
    const from = recording.indexOf(Buffer.from('1f43b675', 'hex'))
    // A Void element of a gigabyte between the tracks' cluster and the last one.
    const gigabyte = 1024 ** 3
    const gap = Buffer.from('ec0100000040000000', 'hex')
    const [head, last] = [Buffer.concat([recording, gap]), recording.subarray(from)]
    const size = head.length + gigabyte + last.length
    let read = 0
    const verdict = await inspectVideo({
      size,
      async read(start, end) {
        read += end - start
        const bytes = Buffer.alloc(end - start)
        head.copy(bytes, 0, Math.min(start, head.length))
        const tail = size - last.length
        if (end > tail) last.copy(bytes, Math.max(0, tail - start), Math.max(0, start - tail))
        return bytes
      },
    })
    assert.ok(verdict.ok && verdict.duration === 2, JSON.stringify(verdict))
    assert.ok(read < 4 * 1024 * 1024, `${read}`)
  })
})

test('Matroska is taken with the codecs of WebM and with H.264, as Chromium records it', async () => {
  const from = Buffer.from('428284', 'hex')
  const webm = asRecording(clip('clip.webm'))
  const at = webm.indexOf(from)
  // The header grows by four bytes.
  const matroska = Buffer.concat([
    webm.subarray(0, at),
    Buffer.from('428288', 'hex'),
    Buffer.from('matroska'),
    webm.subarray(at + 7),
  ])
  matroska[4] = (webm[4] as number) + 4
  assert.equal(await typeOf(matroska), 'video/matroska 160x120 2')
  const other = Buffer.from(matroska)
  other.write('V_XXX', other.indexOf('V_VP9'))
  assert.match((await refusal(other)).detail, /a codec that is not known here \(v_xxx\)/)
})

test('a WebM whose tracks stand behind its pictures is taken', async () => {
  const webm = clip('clip.webm')
  const find = (hex: string) => webm.indexOf(Buffer.from(hex, 'hex'))
  const [segment, at, tags] = [find('114d9b74'), find('1654ae6bc8'), find('1254c36753ac82')]
  const tracks = Buffer.from(webm.subarray(at, at + 77))
  const file = Buffer.concat([webm, tracks])
  file.write('ec10000048', at, 'hex')
  file.writeUInt16BE(file.length - segment, segment - 2)
  assert.match((await refusal(file)).detail, /no video track/)
  // The index names them in the place of the tags, whose entry has room for their place.
  file.write('1654ae6b', tags, 'hex')
  file.writeUInt16BE(webm.length - segment, tags + 7)
  file.write('1254c367', find('1654ae6b'), 'hex')
  assert.equal(await typeOf(file), 'video/webm 160x120 2')
})

test('a WebM is shown in the shape that it says, and turned', async () => {
  const webm = clip('clip.webm')
  // The pixels' width and height (b0, ba) become those of display, on which the shape depends.
  const tracks = webm.indexOf(Buffer.from('1654ae6b', 'hex'))
  const width = webm.indexOf(Buffer.from('b081a0', 'hex'), tracks)
  assert.ok(width > 0)
  const narrow = Buffer.from(webm)
  narrow[width + 2] = 80
  assert.equal(await typeOf(narrow), 'video/webm 80x120 2')
})

test('fragments behind an index that has pictures of its own go on where those end', async () => {
  const whole = await typeOf(await fragments(7))
  assert.equal(whole, 'video/mp4 160x120 7')
})

describe('a codec that is not taken is named', () => {
  for (const [id, name] of [
    ['jpeg', 'Motion JPEG'],
    ['s263', 'H.263'],
    ['SVQ3', 'Sorenson Video 3'],
    ['rle ', 'QuickTime Animation'],
    ['vc-1', 'VC-1'],
    ['hdv3', 'MPEG-2'],
    ['zzzz', 'a codec that is not known here (zzzz)'],
    ['\0\0\0\0', 'a codec that is not known here'],
  ] as const) {
    test(name, async () => {
      const { code, detail } = await refusal(renamed(mp4, 'avc1', id))
      assert.equal(code, 'unsupported_codec')
      assert.ok(detail.startsWith(`The video is coded as ${name}, which browsers do not play.`), detail)
    })
  }

  test('the codecs that share the name mp4v are told apart', async () => {
    for (const [number, name] of [
      [0x20, 'MPEG-4 Visual'],
      [0x61, 'MPEG-2'],
      [0x6a, 'MPEG-1'],
    ] as const) {
      // The configuration of H.264 gives its room to one of MPEG-4 (ISO/IEC 14496-1): descriptors 3 and 4.
      const file = renamed(renamed(mp4, 'avc1', 'mp4v'), 'avcC', 'esds')
      const esds = file.indexOf('esds')
      Buffer.from([0, 0, 0, 0, 3, 0x80, 0x80, 30, 0, 1, 0, 4, 20, number]).copy(file, esds + 4)
      const { detail } = await refusal(file)
      assert.ok(detail.includes(`coded as ${name}`), detail)
    }
  })

  test('a video that is copy-protected', async () => {
    assert.match((await refusal(renamed(mp4, 'avc1', 'encv'))).detail, /copy-protected/)
  })
})

test('no video is said to be none', async () => {
  const sound = await refusal(clip('sound-only.mp4'))
  assert.equal(sound.code, 'no_video_track')
  assert.match(sound.detail, /sound, but no video track/)
  const empty = await refusal(
    Buffer.concat([box('ftyp', 'isom\0\0\0\0'), box('moov', box('mvhd', Buffer.alloc(100)))]),
  )
  assert.match(empty.detail, /^The file holds no video track/)
})

describe('numbers that no video has', () => {
  test('a duration of years', async () => {
    // The time scale of the track becomes one unit a second, and each picture lasts as long as can be written.
    const slow = withNumber(withNumber(mp4, 'mdhd', 12, 1), 'stts', 12, 0x7fffffff)
    const { code, limit } = await refusal(renamed(slow, 'elst', 'free'))
    assert.deepEqual([code, limit], ['not_decodable', longestVideo])
    // Where an edit list says what is shown, that counts.
    assert.equal(await typeOf(slow), 'video/mp4 160x120 2')
  })

  test('no time scale, no duration', async () => {
    for (const [type, offset] of [
      ['mdhd', 12],
      ['stts', 12],
    ] as const) {
      const verdict = await inspectBytes(withNumber(mp4, type, offset, 0))
      if (verdict.ok)
        assert.ok((verdict.duration as number) > 0 && (verdict.duration as number) <= longestVideo)
      else assert.equal(verdict.code, 'not_decodable')
    }
  })

  test('times of more samples than there are', async () => {
    assert.equal((await refusal(withNumber(mp4, 'stts', 8, 1000))).code, 'not_decodable')
  })

  test('no width, and pixels a million times as wide as high', async () => {
    const size = 4 + 8 + 24
    assert.equal((await refusal(withNumber(mp4, 'avc1', size - 12, 0))).code, 'not_decodable')
    const pasp = mp4.indexOf('pasp')
    if (pasp > 0) assert.equal((await refusal(withNumber(mp4, 'pasp', 0, 0x7fffffff))).code, 'not_decodable')
  })

  test('tables that hold more rows than they have room for', async () => {
    for (const [type, offset] of [
      ['stco', 4],
      ['stsc', 4],
      ['stsz', 8],
      ['stts', 4],
      ['ctts', 4],
    ] as const) {
      assert.equal((await refusal(withNumber(mp4, type, offset, 0xffffffff))).code, 'not_decodable')
    }
  })
})
