import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { refuse } from './refuse.ts'
import { createRunHook } from './run.ts'

describe('a hook is run', () => {
  const clock = createTestClock()
  const run = createRunHook({ clock, log: silentLog })
  const time = 1000
  const code = (expected: string) => (error: { code?: string }) => error.code === expected

  test('and its answer is what it returns, at once or later', async () => {
    assert.equal(await run('transform', () => 'now', { time }), 'now')
    assert.equal(await run('transform', async () => 'later', { time }), 'later')
    assert.equal(await run('transform', () => undefined, { time }), undefined)
  })

  test('and what it throws or rejects with is told alike', async () => {
    const fault = new Error('no')
    const no = () => {
      throw refuse('No.')
    }
    await assert.rejects(run('transform', no, { time }), code('refused'))
    await assert.rejects(
      run('transform', async () => no(), { time }),
      code('refused'),
    )
    for (const call of [() => Promise.reject(fault), () => assert.fail()]) {
      await assert.rejects(run('transform', call, { time }), code('hook_failed'))
    }
  })

  test('no longer than its time, of which what it does before it waits is a part', async () => {
    let signal: AbortSignal | undefined
    const slow = run(
      'transform',
      (limit) => {
        signal = limit
        clock.advance(600)
        return new Promise(() => {})
      },
      { time },
    )
    const failed = assert.rejects(slow, code('hook_timeout'))
    clock.advance(399)
    assert.equal(signal?.aborted, false)
    clock.advance(1)
    await failed
    assert.equal(signal?.aborted, true)
  })

  test('no longer than its client is there', async () => {
    const client = new AbortController()
    const gone = new Error('gone')
    const { signal } = client
    const waiting = run('transform', () => new Promise(() => {}), { time, signal })
    const sawItGo = run(
      'transform',
      () => {
        client.abort(gone)
        return 'done'
      },
      { time, signal },
    )
    await Promise.all([assert.rejects(waiting, gone), assert.rejects(sawItGo, gone)])
    const late = () => assert.fail('is not called for a client that has gone')
    await assert.rejects(run('transform', late, { time, signal }), gone)
  })

  test('and what it rejects with after its client has gone disturbs nobody', async () => {
    const client = new AbortController()
    const gone = new Error('gone')
    const leaving = async () => {
      client.abort(gone)
      throw new Error('too late')
    }
    await assert.rejects(run('transform', leaving, { time, signal: client.signal }), gone)
  })
})
