/** Answers of child processes are refused or within bounds, and their queue keeps its order as jobs come and go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { checkVerdict } from '../../packages/tintype/src/inspect/check-verdict.ts'
import { largestSide, longestVideo } from '../../packages/tintype/src/inspect/video-refusals.ts'
import { checkAnswer } from '../../packages/tintype/src/variants/check-answer.ts'
import { plainSize } from '../../packages/tintype/src/variants/plain-picture.ts'
import { plainWebpSize } from '../../packages/tintype/src/variants/plain-webp.ts'
import { usualThumb, variantFormats } from '../../packages/tintype/src/variants/variant-spec.ts'
import { readerOf, readFrame } from '../../packages/tintype/src/workers/frames.ts'
import { createJobQueue } from '../../packages/tintype/src/workers/queue.ts'
import { fuzz } from '../support/fuzz.ts'

const picture = sharp({ create: { width: 32, height: 16, channels: 4, background: '#4488aa80' } })
const webp = await picture.webp().toBuffer()
const placeholder = `data:image/webp;base64,${(await picture.resize(16).webp().toBuffer()).toString('base64')}`

const asked = { pixels: 100_000, specs: [usualThumb], placeholder: true }

/** An object that is nearly right: each member is the real one or anything. */
function nearly(real: Record<string, unknown>) {
  const members = Object.entries(real).map(([name, value]) => [
    name,
    fc.oneof(
      { arbitrary: fc.constant(value), weight: 4 },
      fc.anything(),
      fc.integer(),
      fc.double(),
      fc.string(),
    ),
  ])
  return fc.oneof(
    { arbitrary: fc.record(Object.fromEntries(members), { requiredKeys: [] }), weight: 9 },
    fc.anything(),
  )
}

test('a picture is believed within its bounds only, and nothing throws', () => {
  const header = nearly({ ok: true, width: 32, height: 16, placeholder, lengths: [webp.length] })
  const damage = fc.array(fc.tuple(fc.nat(webp.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 3,
  })
  fc.assert(
    fc.property(header, damage, fc.nat(40), (one, changes, more) => {
      const body = Buffer.concat([webp, Buffer.alloc(more)]).subarray(0, webp.length + more - 20)
      for (const [at, value] of changes) body[Math.min(at, body.length - 1)] = value
      for (const bytes of [body, webp]) {
        const found = checkAnswer({ header: one, body: bytes }, asked)
        if (!found?.ok) continue
        assert.ok(found.width * found.height <= 100_000 && Number.isInteger(found.width + found.height))
        assert.deepEqual(
          { ...plainWebpSize(bytes) },
          { width: found.pictures[0]?.width, height: found.pictures[0]?.height },
        )
        assert.match(found.placeholder ?? '', /^data:image\/webp;base64,[\w+/]+=*$/)
      }
    }),
    fuzz(1000),
  )
})

test('structures of pictures are read whatever is damaged, and nothing throws', async () => {
  const real = await Promise.all(variantFormats.map((format) => picture.clone().toFormat(format).toBuffer()))
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
  fc.assert(
    fc.property(fc.nat(variantFormats.length - 1), damage, fc.nat(), (which, changes, length) => {
      const bytes = Buffer.from(real[which] as Buffer)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      for (const one of [bytes, bytes.subarray(0, length % bytes.length)])
        for (const format of variantFormats) plainSize(format, one)
    }),
    fuzz(2000),
  )
})

test('a verdict on a video is believed within its bounds only, and nothing throws', () => {
  const sound = {
    ok: true,
    kind: 'video',
    type: 'video/mp4',
    ext: 'mp4',
    width: 1,
    height: 1,
    frames: 1,
    duration: 1,
  }
  const refused = { ok: false, code: 'not_decodable', detail: 'It is cut off.', limit: 1 }
  fc.assert(
    fc.property(fc.oneof(nearly(sound), nearly(refused)), (said) => {
      const verdict = checkVerdict(said)
      if (verdict === undefined) return
      if (!verdict.ok) {
        assert.match(verdict.detail, /^[^\p{C}]{1,500}$/u)
        return
      }
      assert.ok(verdict.width >= 1 && verdict.width <= largestSide && verdict.height <= largestSide)
      assert.ok((verdict.duration as number) > 0 && (verdict.duration as number) <= longestVideo)
      assert.match(verdict.ext, /^\w+$/)
    }),
    fuzz(2000),
  )
})

test('frames of any bytes are read, refused or cut off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      async function* once() {
        yield Buffer.from(bytes)
      }
      const read = readerOf(once() as never)
      const frame = await readFrame(read, { most: 1000 }).catch((error: unknown) => error)
      assert.ok(frame === undefined || frame instanceof Error || typeof frame === 'object')
    }),
    fuzz(500),
  )
})

type Step =
  | { do: 'enter'; owner: number; memory: number; isUrgent: boolean; isBackground: boolean }
  | { do: 'end' | 'go' | 'wait'; which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('enter' as const),
    owner: fc.nat(3),
    memory: fc.nat(10),
    isUrgent: fc.nat(9).map((one) => one === 0),
    isBackground: fc.nat(4).map((one) => one === 0),
  }),
  fc.record({ do: fc.constantFrom('end' as const, 'go' as const, 'wait' as const), which: fc.nat(20) }),
)

test('the queue keeps to its slots and its capacity, and forgets no job', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = createTestClock()
      const queue = createJobQueue({ slots: 2, capacity: 12, maxWaiting: 8, clock })
      const underWay = new Map<() => void, number>()
      const senders: AbortController[] = []
      const outcomes: Promise<void>[] = []
      const enter = async ({ owner, memory, ...job }: Extract<Step, { do: 'enter' }>) => {
        const gone = new AbortController()
        senders.push(gone)
        const requester = { owner: String(owner), signal: gone.signal, timeLeft: () => 1000 }
        const end = await queue.enter(requester, { memory, ...job })
        underWay.set(end, memory)
      }
      const endOne = (which: number) => {
        const end = [...underWay.keys()][which % underWay.size]
        if (!end) return
        underWay.delete(end)
        end()
      }
      for (const one of steps) {
        if (one.do === 'enter') outcomes.push(enter(one).catch(() => {}))
        else if (one.do === 'end') endOne(one.which)
        else if (one.do === 'go') senders[one.which % senders.length]?.abort(new Error('gone'))
        else clock.advance(one.which * 20)
        await setImmediate()
        const used = [...underWay.values()].reduce((sum, memory) => sum + memory, 0)
        assert.ok(underWay.size <= 2 && used <= 12 && queue.waiting <= 8)
        // If there is room for the next job, none waits.
        assert.ok(underWay.size > 0 || queue.waiting === 0)
      }
      while (underWay.size > 0) {
        endOne(0)
        await setImmediate()
      }
      await Promise.all(outcomes)
      assert.equal(queue.waiting, 0)
    }),
    fuzz(100),
  )
})
