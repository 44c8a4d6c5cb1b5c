import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import type { Log } from './log.ts'
import { createLogOfApp } from './log-of-app.ts'

const signed = new Error('GET https://b.example/k?X-Amz-Signature=abc failed', {
  cause: new Error('postgres://me:secret@db'),
})

describe('without a logger', () => {
  const start = Date.UTC(2026, 0, 1)
  let now = start
  const warnings = mock.method(process, 'emitWarning', () => {})
  const log = createLogOfApp(undefined, () => now)
  const told = () => warnings.mock.calls.map(({ arguments: [message, about] }) => ({ message, about }))

  test('what happens and what needs no action is told nowhere', () => {
    log.info('media.created', { id: 'a' })
    log.warn('storage.embedded')
    assert.deepEqual(told(), [])
  })

  test('what needs a person is a warning of Node, with its cause and without secrets', () => {
    log.error('sweep.failed', { error: signed, until: new Date(start) })
    const [{ message, about } = assert.fail()] = told() as unknown as {
      message: string
      about: Record<string, string>
    }[]
    assert.equal(message, 'A round of the sweeper failed; the next one is at until.')
    assert.deepEqual([about.type, about.code], ['TintypeWarning', 'sweep.failed'])
    assert.match(about.detail ?? '', / {2}error: Error: GET https:\/\/b.example\/k\?\*\*\* failed\n {4}at /)
    assert.match(
      about.detail ?? '',
      /caused by: Error: postgres:\/\/\*\*\*@db\n[\s\S]* {2}until: "2026-01-01T00:00/,
    )
  })

  test('each kind once in ten minutes, by its code', () => {
    const count = (work: () => void) => {
      warnings.mock.resetCalls()
      work()
      return told().length
    }
    assert.equal(
      count(() => log.error('sweep.failed', { error: signed })),
      0,
    )
    now += 600_000
    assert.equal(
      count(() => log.error('sweep.failed', { error: signed })),
      1,
    )
    const refused = (code: string) => log.error('request.refused', { requestId: String(now++), code })
    assert.equal(
      count(() => ['overloaded', 'internal', 'overloaded'].forEach(refused)),
      2,
    )
    warnings.mock.restore()
  })
})

test('a logger that takes the text first gets the event and its fields, and errors without secrets', () => {
  const calls: unknown[][] = []
  const write = (...args: unknown[]) => void calls.push(args)
  const log = createLogOfApp({ info: write, warn: write, error: write }, Date.now)
  const plain = new RangeError('no secret')
  log.info('media.created', { id: 'a', error: plain })
  log.error('sweep.failed', { error: signed })
  assert.deepEqual(calls[0], ['media.created', { id: 'a', error: plain }])
  const [first, { error }] = calls.map(([, fields]) => fields) as [{ error: Error }, { error: Error }]
  assert.equal(first.error, plain)
  assert.ok(error instanceof Error)
  assert.equal(error.message, 'GET https://b.example/k?*** failed')
  assert.equal((error.cause as Error).message, 'postgres://***@db')
  assert.match(signed.message, /abc/, 'the error itself is as it was')
})

test('a logger that takes the fields first gets them first, and errors as data', () => {
  const calls: unknown[][] = []
  class Logger {
    #own = calls
    info(...args: unknown[]) {
      this.#own.push(args)
    }
    warn = this.info
    error = this.info
    fatal = this.info
    trace = this.info
    child() {}
  }
  const log = createLogOfApp(new Logger() as Log, Date.now)
  log.error('sweep.failed', { error: signed })
  const [[fields, event] = []] = calls
  assert.equal(event, 'sweep.failed')
  const { error, ...rest } = fields as { error: Record<string, unknown> }
  assert.deepEqual(rest, { event: 'sweep.failed' })
  assert.equal(error.message, 'GET https://b.example/k?*** failed')
})

test('Winston, which writes fields as JSON, gets errors as data, and so do its children', () => {
  const calls: unknown[][] = []
  const write = (...args: unknown[]) => void calls.push(args)
  // What tells it: https://github.com/winstonjs/winston#creating-your-own-logger
  const logger = { info: write, warn: write, error: write, child() {}, transports: [], format: {} }
  for (const one of [logger, Object.create(logger) as Log])
    createLogOfApp(one, Date.now).error('hook.failed', { error: new Error('why', { cause: signed }) })
  assert.equal(calls.length, 2)
  for (const [event, fields] of calls) {
    assert.equal(event, 'hook.failed')
    const { error } = JSON.parse(JSON.stringify(fields))
    assert.deepEqual([error.message, error.cause.message], ['why', 'GET https://b.example/k?*** failed'])
  }
})
