import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { silentLog } from '../log.ts'
import { createSandbox } from './sandbox.ts'

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

  test('by hanging is ended after its time, and the job has no answer', async () => {
    const code = `import { writeSync } from 'node:fs'
      writeSync(3, Buffer.concat([Buffer.from('0000000200000000', 'hex'), Buffer.from('{}')]))
      setInterval(() => {}, 1000)`
    const sandbox = await withWorker('hang.mjs', code, { timeout: 500 })
    assert.equal(await sandbox.run(job), undefined)
    await sandbox.close()
  })

  test('by dying again and again is overloaded, not the jobs’ fault', async () => {
    const sandbox = await withWorker('die.mjs', 'process.exit(1)')
    await assert.rejects(sandbox.run(job), { code: 'overloaded' })
    await sandbox.close()
  })
})
