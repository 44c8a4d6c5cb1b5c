import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { silentLog } from '../log.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

describe('a worker that misbehaves', () => {
  const job = { header: {}, body: Buffer.from('x') }
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-sandbox-'))
  })
  after(() => rm(directory, { recursive: true }))

  const withWorker = async (name: string, code: string, options = {}) => {
    const script = join(directory, name)
    await writeFile(script, code)
    return createSandbox({ log: silentLog, script, workers: 1, ...options })
  }

  const hanging = `import { writeSync } from 'node:fs'
    writeSync(3, Buffer.concat([Buffer.from('0000000200000000', 'hex'), Buffer.from('{}')]))
    setInterval(() => {}, 1000)`

  test('by hanging is ended after its time, and the job has no answer', async () => {
    const sandbox = await withWorker('hang.mjs', hanging, { timeout: 500, cpuTime: () => 400 })
    assert.equal(await sandbox.run(job), undefined)
    await sandbox.close()
  })

  test('by getting no time from the machine is overloaded, not the job’s fault', async () => {
    const sandbox = await withWorker('starve.mjs', hanging, { timeout: 500, cpuTime: () => 200 })
    await assert.rejects(sandbox.run(job), { code: 'overloaded' })
    await sandbox.close()
  })

  test('where nobody knows what it has used, it was the job', async () => {
    const sandbox = await withWorker('unknown.mjs', hanging, { timeout: 500, cpuTime: () => undefined })
    assert.equal(await sandbox.run(job), undefined)
    await sandbox.close()
  })

  test('by dying again and again is overloaded, not the jobs’ fault', async () => {
    const sandbox = await withWorker('die.mjs', 'process.exit(1)')
    await assert.rejects(sandbox.run(job), { code: 'overloaded' })
    await sandbox.close()
  })

  test('by growing is replaced after its job, and so is one without a job for a while', async () => {
    const code = `import { answerJobs } from ${JSON.stringify(import.meta.resolve('./worker.ts'))}
      await answerJobs(async ({ body }) => ({ header: process.pid, body }))`
    const pidOf = async (sandbox: Sandbox) => (await sandbox.run(job))?.header
    const steady = await withWorker('steady.ts', code)
    assert.equal(await pidOf(steady), await pidOf(steady))
    await steady.close()
    const growing = await withWorker('growing.ts', code, { mostIdle: 1 })
    assert.notEqual(await pidOf(growing), await pidOf(growing))
    await growing.close()
    const resting = await withWorker('resting.ts', code, { idleTime: 1 })
    const pid = Number(await pidOf(resting))
    const isThere = () => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    while (isThere()) await new Promise((resolve) => setImmediate(resolve))
    assert.notEqual(await pidOf(resting), pid)
    await resting.close()
  })
})
