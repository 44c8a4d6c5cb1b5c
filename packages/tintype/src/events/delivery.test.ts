import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { publication } from '../../../../test/support/published.ts'
import { until } from '../../../../test/support/until.ts'
import { createTestClock } from '../clock.ts'
import { type EventSink, noSink } from '../records/outbox.ts'
import { openRecords, type Records } from '../records/records.ts'
import { createDelivery, type Delivery, type EventHandler, giveUpAfter } from './delivery.ts'
import { DeliveryError } from './delivery-error.ts'
import type { TintypeEvent } from './event.ts'

const day = 86_400_000
/** Milliseconds after which one look for events follows the other. */
const step = 100

describe('delivery from the outbox', () => {
  let clock: ReturnType<typeof createTestClock>
  let records: Records
  let delivery: Delivery
  let handler: EventHandler
  let attempts: { id: string; type: string; attempt: number }[]
  let gone: number
  const lines: string[] = []
  const line = (event: string) => void lines.push(event)

  beforeEach(async () => {
    clock = createTestClock()
    const sink: EventSink = {
      ...noSink,
      now: clock.now,
      isWanted: () => true,
      consumersOf: () => ['hook'],
      committed: () => delivery.wake(),
    }
    records = await openRecords({ file: ':memory:' }, undefined, { sink })
    attempts = []
    gone = 0
    lines.length = 0
    handler = () => {}
    delivery = createDelivery({
      consumer: 'hook',
      deliver: (event, options) => {
        attempts.push({ id: mediaOf(event), type: event.type, attempt: options.attempt })
        return handler(event, options)
      },
      outbox: records.outbox,
      // As the events are, without URLs.
      present: async (events) =>
        events.map(
          (one) =>
            ({
              id: one.id,
              type: `media.${one.kind}`,
              createdAt: '',
              data: 'media' in one ? { owner: 'o', media: { id: one.media.id } } : { owner: 'o' },
            }) as unknown as TintypeEvent,
        ),
      clock,
      log: { info: line, warn: line, error: line },
      count() {},
      onGone: () => void gone++,
      random: () => 0,
    })
    delivery.start()
  })
  afterEach(async () => {
    await delivery.stop()
    await records.close()
  })

  async function publish(): Promise<string> {
    const one = publication()
    await records.ledger.reserve([one.key], 10_000)
    await records.ledger.publish([one])
    clock.advance(step)
    return one.media.id
  }
  async function remove(id: string): Promise<void> {
    await records.ledger.remove(id, 'o', 0)
    clock.advance(step)
  }
  const pending = async () => (await records.outbox.backlog())[0]?.pending ?? 0
  const failed = async () => (await records.outbox.backlog())[0]?.failed ?? 0
  /** Statements of this SQLite take no time of their own: whatever can happen now has happened after some turns. */
  async function quiet(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await setImmediate()
  }
  async function later(ms: number): Promise<void> {
    for (const one of [ms - 2 * step, step, step]) {
      clock.advance(one)
      await quiet()
    }
  }

  test('what fails is tried again after 1, 2, 4 seconds and so on, and then delivered', async () => {
    let times = 0
    handler = () => {
      if (++times < 4) throw new Error('not now')
    }
    await publish()
    await until(() => times === 1)
    await quiet()
    // The next look is up to two seconds after an event is due.
    for (const [wait, expected] of [
      [2100, 2],
      [2100, 3],
      [2100, 3],
      [2100, 4],
    ] as const) {
      await later(wait)
      assert.equal(times, expected)
    }
    assert.deepEqual(
      attempts.map(({ attempt }) => attempt),
      [1, 2, 3, 4],
    )
    await until(pending, (left) => left === 0)
    assert.deepEqual(lines, ['outbox.postponed', 'outbox.postponed', 'outbox.postponed'])
  })

  test('one that hangs holds up the events of its own photo, and no others, until its time is over', async () => {
    let aborted = false
    handler = (event, { signal }) => {
      if (mediaOf(event) !== hung) return
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise(() => {})
    }
    const hung = publication().media.id
    const one = { ...publication(), media: { ...publication().media, id: hung } }
    await records.ledger.reserve([one.key], 10_000)
    await records.ledger.publish([{ ...one, media: { ...one.media, key: one.key } }])
    await until(() => attempts.length === 1)
    await remove(hung)
    const other = await publish()
    await remove(other)
    await until(pending, (left) => left === 3)
    await later(2000)
    await until(pending, (left) => left === 2)
    assert.deepEqual(
      attempts.filter(({ id }) => id === other).map(({ type }) => type),
      ['media.ready', 'media.removed'],
    )
    assert.equal(attempts.filter(({ id }) => id === hung).length, 1)
    assert.equal(aborted, false)
    await later(13_000)
    assert.equal(aborted, true)
    handler = () => {}
    await later(4000)
    await until(pending, (left) => left === 0)
    assert.deepEqual(
      attempts.filter(({ id }) => id === hung).map(({ type }) => type),
      ['media.ready', 'media.ready', 'media.removed'],
    )
  })

  test('what can not be delivered in three days is given up, and what follows goes on', async () => {
    let isDown = true
    handler = (event) => {
      if (isDown && event.type === 'media.ready') throw new Error('no')
    }
    const id = await publish()
    await remove(id)
    await until(() => attempts.length === 1)
    await quiet()
    await later(giveUpAfter)
    // Its lease began with the first of these seconds.
    await later(2000)
    await until(async () => (await failed()) === 1)
    isDown = false
    await later(2000)
    await until(pending, (left) => left === 0)
    assert.deepEqual(
      attempts.map(({ type }) => type),
      ['media.ready', 'media.ready', 'media.removed'],
    )
    assert.equal(await failed(), 1)
    assert.ok(lines.includes('outbox.given_up'))
    await later(40 * day)
    assert.equal(attempts.length, 3)
  })

  test('a receiver that asks for time is left alone until then', async () => {
    handler = () => {
      throw new DeliveryError('503', { retryAfter: 60_000 })
    }
    await publish()
    await until(() => attempts.length === 1)
    await quiet()
    handler = () => {}
    await publish()
    await later(59_000)
    assert.equal(attempts.length, 1)
    await later(1000)
    await until(pending, (left) => left === 0)
    assert.equal(attempts.length, 3)
  })

  test('a receiver that is gone is not asked again', async () => {
    handler = () => {
      throw new DeliveryError('410', { gone: true })
    }
    await publish()
    await until(() => gone === 1)
    await until(async () => (await failed()) === 1)
    await later(10 * day)
    assert.equal(attempts.length, 1)
  })

  test('a receiver that is down is not asked for each of a thousand events', async () => {
    handler = () => {
      throw new Error('down')
    }
    for (let i = 0; i < 100; i++) await publish()
    await quiet()
    const asked = attempts.length
    assert.ok(asked >= 10 && asked < 60, `${asked} attempts`)
    await later(500)
    assert.equal(attempts.length, asked)
    handler = () => {}
    for (let i = 0; i < 30; i++) await later(2000)
    assert.equal(await pending(), 0)
  })

  test('a lease of a process that has died ends, and the event is delivered', async () => {
    await delivery.stop()
    await publish()
    assert.equal((await records.outbox.lease('hook', clock.now(), clock.now() + 90_000, 10)).length, 1)
    delivery.start()
    await later(88_000)
    assert.equal(attempts.length, 0)
    await later(2100)
    await later(2100)
    assert.equal(attempts.length, 1)
  })

  test('a process that stops delivers what is due, and gives back what takes too long', async () => {
    const stopped = Promise.withResolvers<void>()
    handler = () => stopped.promise
    await publish()
    await until(() => attempts.length === 1)
    const stopping = delivery.stop()
    await later(5000)
    await stopping
    assert.equal((await records.outbox.lease('hook', clock.now(), clock.now() + 1, 10)).length, 1)
  })
})

function mediaOf({ data }: TintypeEvent): string {
  return 'media' in data ? data.media.id : ''
}
