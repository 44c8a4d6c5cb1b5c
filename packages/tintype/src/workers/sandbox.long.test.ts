import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { until } from '../../../../test/support/until.ts'
import { createTestClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import type { Frame } from './frames.ts'
import { noRequester, type Requester } from './queue.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts'

/**
 * A worker that does as it is told: answers with its process id; loops for ever; dies; asks first; waits for ever; leaves
 * garbage; says what is no answer, or announces more than should be allocated.
 */
const obedient = `
  import { answerJobs } from ${JSON.stringify(import.meta.resolve('./worker.ts'))}
  import { writeSync } from 'node:fs'
  await answerJobs(async ({ header, body }, ask) => {
    if (header === 'loop') for (;;);
    if (header === 'die') process.exit(1)
    if (header === 'wait') await new Promise((resolve) => setInterval(resolve, 2 ** 30))
    if (header === 'litter') Buffer.allocUnsafeSlow(24 * 2 ** 20).fill(1)
    if (header === 'babble') writeSync(3, Buffer.from('0000000400000000226e6f22', 'hex'))
    if (header === 'shout') writeSync(3, Buffer.from('ffffffffffffffff', 'hex'))
    if (header === 'ask') body = (await ask(process.pid)).body
    return { header: process.pid, body }
  })`

describe('a worker', () => {
  let directory: string
  let script: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-sandbox-'))
    script = await write('obedient.ts', obedient)
  })
  after(() => rm(directory, { recursive: true }))

  async function write(name: string, code: string): Promise<string> {
    const path = join(directory, name)
    await writeFile(path, code)
    return path
  }

  async function within(options: Partial<SandboxOptions>, use: (sandbox: Sandbox) => Promise<void>) {
    const sandbox = createSandbox({ log: silentLog, script, workers: 1, ...options })
    try {
      await use(sandbox)
    } finally {
      await sandbox.close()
    }
  }

  const job = (header: string, requester = noRequester) => ({
    frame: { header, body: Buffer.from('x') },
    requester,
    read: (answer: Frame) => Number(answer.header),
  })

  test('that loops is ended by the CPU time that it has used, and the next job is done', async () => {
    await within({ cpuLimit: 200 }, async (sandbox) => {
      const [looping, sound] = [sandbox.run(job('loop')), sandbox.run(job('answer'))]
      assert.equal(await looping, undefined)
      assert.ok(await sound)
    })
  })

  test('that gets no time from the machine goes on when it gets some, and is not refused for good if it gets none', async () => {
    const clock = createWatchedClock()
    const stopped = Promise.withResolvers<number>()
    const serve = async (pid: unknown) => {
      process.kill(pid as number, 'SIGSTOP')
      stopped.resolve(pid as number)
      return { header: {}, body: Buffer.from('y') }
    }
    const long = { ...noRequester, timeLeft: () => 55_000 }
    await within({ clock, cpuLimit: 5_000 }, async (sandbox) => {
      const slow = sandbox.run({ ...job('ask', long), serve })
      const pid = await stopped.promise
      await untilWatched(clock)
      clock.advance(54_000)
      process.kill(pid, 'SIGCONT')
      assert.equal(await slow, pid)
      const waiting = sandbox.run(job('wait', long))
      const refused = assert.rejects(waiting, { code: 'overloaded' })
      await untilWatched(clock)
      clock.advance(55_000)
      await refused
    })
  })

  test('whose CPU time is unknown is limited by the clock', async () => {
    const clock = createWatchedClock()
    await within({ clock, cpuLimit: 5_000, cpuTime: () => undefined }, async (sandbox) => {
      const hanging = sandbox.run(job('wait'))
      await untilWatched(clock)
      clock.advance(5_000)
      assert.equal(await hanging, undefined)
    })
  })

  test('that is ended while its answer is on its way does not get the next job', async () => {
    const clock = createTestClock()
    const gone = new AbortController()
    const serve = async () => {
      gone.abort()
      setImmediate(() => {
        // Blocks this thread, so that the answer comes before anybody can read it.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
        clock.advance(250)
      })
      return { header: {}, body: Buffer.from('y') }
    }
    await within({ clock }, async (sandbox) => {
      const answered = await sandbox.run({ ...job('ask', { ...noRequester, signal: gone.signal }), serve })
      const next = await sandbox.run(job('answer'))
      assert.ok(answered)
      assert.ok(next)
      assert.notEqual(next, answered)
    })
  })

  test('that gives an invalid answer, or one too large to allocate, is killed and its job has no answer', async () => {
    await within({}, async (sandbox) => {
      const first = await sandbox.run(job('answer'))
      assert.equal(await sandbox.run({ ...job('answer'), read: () => undefined }), undefined)
      const second = await sandbox.run(job('answer'))
      assert.notEqual(first, second)
      assert.equal(await sandbox.run(job('shout')), undefined)
      assert.equal(await sandbox.run(job('babble')), undefined)
      assert.notEqual(await sandbox.run(job('answer')), second)
    })
  })

  test('that asks a question which is not served is killed', async () => {
    await within({}, async (sandbox) => assert.equal(await sandbox.run(job('ask')), undefined))
  })

  test('by dying again and again before it is ready is overloaded, not the jobs’ fault', async () => {
    const dying = await write('die.mjs', 'process.exit(1)')
    await within({ script: dying }, async (sandbox) => {
      await assert.rejects(sandbox.run(job('answer')), { code: 'overloaded' })
    })
  })

  test('that does not get ready delays no requester beyond its own time limit', async () => {
    const slow = await write('slow.mjs', 'setInterval(() => {}, 2 ** 30)')
    const clock = createWatchedClock()
    await within({ script: slow, clock }, async (sandbox) => {
      const late = assert.rejects(sandbox.run(job('answer', { ...noRequester, timeLeft: () => 40_000 })), {
        code: 'overloaded',
      })
      await untilWatched(clock, 40_000)
      clock.advance(40_000)
      await late
      const gone = new AbortController()
      const left = sandbox.run(job('answer', { ...noRequester, signal: gone.signal }))
      await untilWatched(clock, Number.POSITIVE_INFINITY)
      gone.abort(new Error('gone'))
      await assert.rejects(left, /gone/)
    })
  })

  test('where it only starts without the isolation that Linux gives is started without, and that is an error in the log', {
    skip: process.platform === 'linux' ? false : 'there is none to leave out',
  }, async () => {
    // The shell that sets the limits starts it there.
    const picky = await write('picky.ts', `if (process.cwd() === '/') process.exit(1)\n${obedient}`)
    const errors: string[] = []
    const log = { ...silentLog, error: (event: string) => void errors.push(event) }
    await within({ script: picky, log }, async (sandbox) => assert.ok(await sandbox.run(job('answer'))))
    assert.deepEqual(errors, ['sandbox.not_isolated'])
  })

  test('by growing is replaced after its job, and so is one without a job for a while, but for the spare one', async () => {
    await within({}, async (sandbox) => {
      const pid = await sandbox.run(job('answer'))
      assert.equal(await sandbox.run(job('answer')), pid)
    })
    await within({ maxIdleMemory: 1 }, async (sandbox) => {
      assert.notEqual(await sandbox.run(job('answer')), await sandbox.run(job('answer')))
    })
    await within({ idleTime: 1 }, async (sandbox) => {
      const pid = Number(await sandbox.run(job('answer')))
      await until(() => !isThere(pid))
      assert.notEqual(await sandbox.run(job('answer')), pid)
    })
    await within({ idleTime: 1, workers: 2, spare: 1 }, async (sandbox) => {
      const pids = (await Promise.all([sandbox.run(job('answer')), sandbox.run(job('answer'))])) as number[]
      await until(() => !pids.every(isThere))
      assert.ok(pids.includes(Number(await sandbox.run(job('answer')))))
    })
  })

  test('that leaves garbage collects it, and is not replaced for it', async () => {
    await within({}, async (sandbox) => {
      const pids = new Set<number | undefined>()
      for (let i = 0; i < 12; i++) pids.add(await sandbox.run(job('litter')))
      assert.equal(pids.size, 1)
    })
  })

  describe('whose requester goes', () => {
    const leaving = () => {
      const gone = new AbortController()
      return { gone, requester: { ...noRequester, signal: gone.signal } satisfies Requester }
    }

    test('before it has begun is never started', async () => {
      await within({}, async (sandbox) => {
        const { gone, requester } = leaving()
        const looping = job('loop', requester)
        gone.abort(new Error('gone'))
        await assert.rejects(sandbox.run(looping), /gone/)
        const [first, waiting] = [sandbox.run(job('answer')), leaving()]
        const second = sandbox.run(job('loop', waiting.requester))
        assert.equal(sandbox.waiting, 1)
        waiting.gone.abort(new Error('gone too'))
        await assert.rejects(second, /gone too/)
        assert.deepEqual([sandbox.waiting, await first, await sandbox.run(job('answer'))].length, 3)
      })
    })

    test('is killed when it goes on for longer than another takes to start, and delays no other', async () => {
      const clock = createWatchedClock()
      await within({ clock }, async (sandbox) => {
        const { gone, requester } = leaving()
        const looping = sandbox.run(job('loop', requester))
        await untilWatched(clock)
        const next = sandbox.run(job('answer'))
        gone.abort(new Error('gone'))
        clock.advance(1_000)
        await assert.rejects(looping, /gone/)
        assert.ok(await next)
      })
    })

    test('ends by itself when it is done soon, and its process is kept', async () => {
      const clock = createWatchedClock()
      await within({ clock }, async (sandbox) => {
        const { gone, requester } = leaving()
        const serve = async () => {
          gone.abort(new Error('gone'))
          return { header: {}, body: Buffer.from('y') }
        }
        const pid = await sandbox.run({ ...job('ask', requester), serve })
        assert.equal(await sandbox.run(job('answer')), pid)
      })
    })
  })

  test('leaves the memory of its job alone when it has ended, however it ended', async () => {
    await within({ cpuLimit: 100 }, async (sandbox) => {
      for (const header of ['loop', 'die', 'answer']) {
        const body = Buffer.allocUnsafeSlow(32 * 1024 * 1024)
        await sandbox.run({ ...job(header), frame: { header, body } })
        assert.equal(body.buffer.transfer(0).byteLength, 0)
      }
    })
  })

  test('ends with its sandbox, and what waits is turned away', async () => {
    const sandbox = createSandbox({ log: silentLog, script, workers: 1 })
    const pid = Number(await sandbox.run(job('answer')))
    const all = [sandbox.run(job('wait')), sandbox.run(job('answer'))]
    const refused = all.map((one) => assert.rejects(one, { code: 'shutting_down' }))
    await sandbox.close()
    await Promise.all(refused)
    assert.ok(!isThere(pid))
    await assert.rejects(sandbox.run(job('answer')), { code: 'shutting_down' })
  })
})

/** A clock that knows whether a timer is set. */
function createWatchedClock() {
  const clock = createTestClock()
  const timers = new Set<{ ms: number }>()
  return {
    ...clock,
    timers,
    after(ms: number, task: () => void) {
      const timer = { ms }
      timers.add(timer)
      const cancel = clock.after(ms, () => {
        timers.delete(timer)
        task()
      })
      return () => {
        timers.delete(timer)
        cancel()
      }
    },
  }
}

/** Until a job has begun: a timer is set for no longer than its time. */
async function untilWatched({ timers }: { timers: Set<{ ms: number }> }, most = 20_000): Promise<void> {
  await until(() => [...timers].some(({ ms }) => ms <= most))
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
