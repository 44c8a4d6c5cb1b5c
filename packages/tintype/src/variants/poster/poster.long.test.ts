import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { coloured, patches } from '../../../../../test/media/colours.ts'
import { withShortColours } from '../../../../../test/media/videos.ts'
import { silentLog } from '../../log.ts'
import { bytesSource, type RangeSource } from '../../ranges/range-source.ts'
import { noRequester } from '../../workers/queue.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { findStill, type PosterJob } from './find-still.ts'
import { createPosterMaker, posterMemory } from './poster-maker.ts'
import { openDecoder } from './webcodecs.ts'

const shown: Record<string, { width: number; height: number; first: 'left' | 'right' | 'top' | 'bottom' }> = {
  'dark-start-1080p.mp4': { width: 1920, height: 1080, first: 'left' },
  'av1-1080p.mp4': { width: 1920, height: 1080, first: 'left' },
  'odd.webm': { width: 97, height: 65, first: 'left' },
  'turned-90.mp4': { width: 64, height: 96, first: 'bottom' },
  'turned-180.mp4': { width: 96, height: 64, first: 'right' },
  'turned-270.mp4': { width: 64, height: 96, first: 'top' },
  'hlg-turned.mov': { width: 64, height: 96, first: 'bottom' },
  'wide-pixels.mp4': { width: 192, height: 64, first: 'left' },
  'tall-pixels.webm': { width: 96, height: 128, first: 'left' },
  'wide-pixels-turned.mp4': { width: 64, height: 192, first: 'bottom' },
}
const upright = { width: 96, height: 64, first: 'left' as const }
const plain = [
  'bt601.mp4',
  'bt709.mp4',
  'bt709-full.mp4',
  'bt601-full.mov',
  'untagged.mp4',
  '10-bit.mp4',
  '422.mp4',
  '444.mp4',
]
const others = ['hevc.mov', 'pq.mp4', 'hlg.mov', 'vp8.webm', 'vp9.webm', 'vp9-10-bit.webm', 'av1.mp4']
const clips = [...plain, ...others, ...Object.keys(shown)].filter((name) => !name.startsWith('dark'))

/** One of each kind: the program takes a fifth of a second to start. */
const byFfmpeg = [
  'bt601.mp4',
  'bt709-full.mp4',
  '10-bit.mp4',
  'pq.mp4',
  'hlg-turned.mov',
  'wide-pixels-turned.mp4',
  'vp8.webm',
]

/** Of 255, for what coding and rounding do. */
const most = 3

const ffmpeg = await findFfmpeg()
const noFfmpeg = ffmpeg ? false : 'ffmpeg is not installed'

function jobFor(name: string, size?: { width: number; height: number }): PosterJob {
  const { width, height } = size ?? shown[name] ?? upright
  const container = name.endsWith('.webm') ? 'matroska' : 'movie'
  return { container, width, height, duration: 0.2, side: 2560, memory: 0, room: 0, hasFfmpeg: false }
}

async function checkColours(png: Uint8Array, name: string): Promise<void> {
  const { width, height, first } = shown[name] ?? upright
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  assert.deepEqual([info.width, info.height, info.channels], [width, height, 3])
  const places = { left: [0.25, 0.5], right: [0.75, 0.5], top: [0.5, 0.25], bottom: [0.5, 0.75] } as const
  const second = ({ left: 'right', right: 'left', top: 'bottom', bottom: 'top' } as const)[first]
  for (const [index, place] of [first, second].entries()) {
    const [x, y] = places[place]
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3
    const seen = [...data.subarray(at, at + 3)]
    const right = patches[index] ?? []
    const off = Math.max(...right.map((value, i) => Math.abs(value - (seen[i] ?? 0))))
    assert.ok(off <= most, `${name}, ${place}: ${seen} instead of ${right}`)
  }
}

const posters = createPosterMaker({ log: silentLog })
after(() => posters.close())

const share = { memory: 100 * 1024 * 1024, isUrgent: false }
const asked = { ...jobFor('hevc.mov'), requester: noRequester, memory: share.memory, share }

async function still(maker: typeof posters, video: Uint8Array | RangeSource) {
  const png = await maker.still(video, asked)
  return png && { png }
}

describe('red is red and pink is pink, whatever a video is coded in, however it is turned and whatever its pixels are', () => {
  for (const name of clips) {
    test(`by the library: ${name}`, async () => {
      const { png } = await findStill(bytesSource(coloured(name)), jobFor(name), { library: openDecoder })
      await checkColours(png, name)
    })
    if (!byFfmpeg.includes(name)) continue
    test(`by ffmpeg: ${name}`, { skip: noFfmpeg }, async () => {
      const decode = async (clip: Uint8Array) => (await ffmpeg?.decode(clip)) ?? Buffer.alloc(0)
      const { png } = await findStill(bytesSource(coloured(name)), jobFor(name), { ffmpeg: decode })
      await checkColours(png, name)
    })
  }
})

describe('a poster', () => {
  test('is no black picture where a video has another one', async () => {
    for (const name of ['dark-key-frame.mp4', 'dark-start.mp4']) {
      const job = { ...jobFor(name), duration: 1.4 }
      const { png } = await findStill(bytesSource(coloured(name)), job, { library: openDecoder })
      await checkColours(png, name)
    }
  })

  for (const [name, codec] of [
    ['dark-start-1080p.mp4', 'avc1.640028'],
    ['av1-1080p.mp4', 'av01.0.08M.08'],
  ] as const) {
    test(`is found within the memory that its size and its codec have: ${name}`, async () => {
      const size = { width: 1920, height: 1080 }
      const request = { container: 'movie', ...size, duration: 4.2, requester: noRequester } as const
      const memory = posterMemory({ ...size, codec })
      // Where the decoders have little memory, the rest is lent by the uploads.
      const share = { memory: memory / 8, isUrgent: true }
      const png = await posters.still(coloured(name), { ...request, memory, share })
      assert.ok(png)
      await checkColours(png, name)
    })
  }

  test('has its colours where they lack their last byte', async () => {
    const file = withShortColours(coloured('bt709.mp4'))
    const { png } = await findStill(bytesSource(file), jobFor('bt709.mp4'), { library: openDecoder })
    await checkColours(png, 'bt709.mp4')
  })

  test('is never larger than it may be, and keeps its shape', async () => {
    const job = { ...jobFor('wide-pixels.mp4'), side: 48 }
    const still = await findStill(bytesSource(coloured('wide-pixels.mp4')), job, { library: openDecoder })
    assert.deepEqual([still.width, still.height], [48, 16])
  })

  test('of a codec that only ffmpeg knows', { skip: noFfmpeg }, async () => {
    const { png } = (await still(posters, coloured('prores.mov'))) ?? {}
    assert.ok(png)
    await checkColours(png, 'prores.mov')
  })

  test('is not had of a codec that only ffmpeg knows, where it is not to be used', async () => {
    const alone = createPosterMaker({ log: silentLog, ffmpeg: false })
    assert.equal(await still(alone, coloured('prores.mov')), undefined)
    await alone.close()
  })

  test('is made of ranges, of which only some are read', async () => {
    const bytes = Buffer.concat([coloured('hevc.mov'), Buffer.alloc(50_000_000)])
    let read = 0
    const source = {
      size: bytes.length,
      async read(start: number, end: number) {
        read += end - start
        return bytes.subarray(start, end)
      },
    }
    const { png } = (await still(posters, source)) ?? {}
    assert.ok(png && read < 100_000, String(read))
    await checkColours(png, 'hevc.mov')
  })

  test('costs nothing but itself when its process loops, or answers with something else', async () => {
    const script = fileURLToPath(new URL('../../../../../test/support/looping-worker.ts', import.meta.url))
    const taken = createPosterMaker({ log: silentLog, script, cpuLimit: 200 })
    assert.equal(await still(taken, Buffer.from('loop')), undefined)
    assert.equal(await still(taken, Buffer.from('anything')), undefined)
    await taken.close()
  })

  test('is not tried of more pixels than any camera has', async () => {
    const request = { ...asked, width: 20_000, height: 20_000 }
    assert.equal(await posters.still(coloured('hevc.mov'), request), undefined)
  })
})
