import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaOutline } from './records/media-records.ts'
import { readTimeline } from './timeline.ts'

test('however many timelines are read at once, a thousand photos are read in a turn of the event loop, and others have theirs', async () => {
  let turn = 0
  const count = () => {
    turn++
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  const readIn: number[] = []
  /** As SQLite does, it has them at once: 2,500 photos. */
  const outline = async (_: unknown, { after }: { after?: { id: string } | undefined }) => {
    readIn.push(turn)
    const begin = after ? Number(after.id) + 1 : 0
    const ids = Array.from({ length: Math.min(1000, 2500 - begin) }, (_, at) => String(begin + at))
    return ids.map(
      (id) => ({ id, created_at: 1, taken_order: 1, width: 4, height: 3, details: null }) as MediaOutline,
    )
  }
  const timelines = await Promise.all(Array.from({ length: 3 }, () => readTimeline({ outline }, 'me', {})))
  clearImmediate(counting)
  assert.deepEqual(
    timelines.map(({ total }) => total),
    [2500, 2500, 2500],
  )
  assert.equal(readIn.length, 9)
  assert.equal(new Set(readIn).size, 9)
})
