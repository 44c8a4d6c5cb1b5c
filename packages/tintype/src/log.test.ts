import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'

/** Runs this code beside log.ts as a process of its own. */
function run(code: string) {
  const script = `import { writeLine } from ${JSON.stringify(import.meta.resolve('./log.ts'))}\n${code}`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

describe('lines on the standard output', () => {
  test('are all there when the process exits in the same turn', async () => {
    const child = run('writeLine(\'{"percent":"100 %s"}\'); writeLine(\'second\'); process.exit(0)')
    assert.equal(await text(child.stdout), '{"percent":"100 %s"}\nsecond\n')
  })

  test('end no process when their reader has gone', async () => {
    const child = run(`
      process.stdin.once('data', () => {
        writeLine('nobody reads this')
        setImmediate(() => setImmediate(() => { writeLine('nor this'); setImmediate(() => process.stdin.destroy()) }))
      })`)
    child.stdout.destroy()
    await once(child.stdout, 'close')
    child.stdin.on('error', () => {})
    child.stdin.write('go')
    const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)])
    assert.equal(errors, '')
    assert.equal(code, 0)
  })
})
