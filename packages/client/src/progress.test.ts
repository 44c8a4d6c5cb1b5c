import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createProgressMeter, type Progress } from './progress.ts'

function start(total: number) {
  let time = 0
  const told: Progress[] = []
  const meter = createProgressMeter(
    total,
    (progress) => told.push(progress),
    () => time,
  )
  after(meter.stop)
  const pass = (ms: number) => {
    time += ms
  }
  return { meter, last: () => told.at(-1), pass }
}

test('adds the pieces up and tells speed and time left', () => {
  const { meter, last, pass } = start(10_000)
  meter.sending(1, 0)
  assert.deepEqual(last(), { sent: 0, total: 10_000, bytesPerSecond: 0, secondsLeft: null })
  pass(1000)
  meter.sending(1, 1000)
  meter.sending(2, 1000)
  assert.deepEqual(last(), { sent: 2000, total: 10_000, bytesPerSecond: 2000, secondsLeft: 4 })
})

test('what is skipped counts as sent and not for the speed', () => {
  const { meter, last, pass } = start(10_000)
  meter.skipped(1, 8000)
  pass(1000)
  meter.sending(2, 500)
  assert.deepEqual(last(), { sent: 8500, total: 10_000, bytesPerSecond: 500, secondsLeft: 3 })
})

test('a try that fails takes back its bytes; they did move and count for the speed', () => {
  const { meter, last, pass } = start(10_000)
  pass(1000)
  meter.sending(1, 1000)
  meter.sending(1, 0)
  assert.equal(last()?.sent, 0)
  assert.equal(last()?.bytesPerSecond, 1000)
})

test('the speed is that of the last seconds', () => {
  const { meter, last, pass } = start(1e9)
  let sent = 0
  const run = (seconds: number, rate: number) => {
    for (let i = 0; i < seconds * 10; i++) {
      pass(100)
      sent += rate / 10
      meter.sending(1, sent)
    }
  }
  run(30, 1_000_000)
  assert.equal(Math.round(last()?.bytesPerSecond ?? 0), 1_000_000)
  run(30, 10_000)
  assert.equal(Math.round(last()?.bytesPerSecond ?? 0), 10_000)
})

test('when nothing moves any more there is no speed, and no time left', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { meter, last, pass } = start(10_000)
  pass(1000)
  meter.sending(1, 1000)
  assert.equal(last()?.bytesPerSecond, 1000)
  t.mock.timers.tick(3000)
  assert.deepEqual(last(), { sent: 1000, total: 10_000, bytesPerSecond: 0, secondsLeft: null })
})
