import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commands } from './table.ts'
import { UsageError } from './usage.ts'

const bin = fileURLToPath(new URL('../../bin/tintype.js', import.meta.url))

test('a command whose reader has gone ends without a word', async () => {
  const child = spawn(process.execPath, [bin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const said = text(child.stderr)
  const [code] = (await once(child, 'exit')) as [number]
  // Node 22 says of its SQLite that it may change.
  const ofOurs = (await said).replace(/^\(node:.*SQLite is an experimental feature.*\n.*\n/, '')
  assert.deepEqual([code, ofOurs], [141, ''])
})

for (const [name, command] of Object.entries(commands)) {
  test(`tintype ${name} --help tells more, as does what is said of a wrong option`, async (t) => {
    const said = t.mock.method(console, 'log', () => {})
    const { run } = await command.load()
    assert.equal(await run(['--help']), 0)
    assert.match(
      String(said.mock.calls[0]?.arguments[0]),
      new RegExp(`^Usage: tintype ${name}\\b.*Exit code: 0 `, 's'),
    )
    const args = name === 'aws' ? ['plan', '--no-such-option'] : ['--no-such-option']
    await assert.rejects(
      async () => run(args),
      (error) =>
        error instanceof UsageError && error.message.endsWith(` \`tintype ${name} --help\` tells more.`),
    )
  })
}

test('a command that is none is named, with those that there are', async () => {
  const child = spawn(process.execPath, [bin, 'sevre'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(child.stderr)
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 2)
  assert.match(await said, /no command "sevre".*tintype serve/s)
})

test('tintype --version', async () => {
  const child = spawn(process.execPath, [bin, '--version'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = text(child.stdout)
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 0)
  assert.match(await said, /^\d+\.\d+\.\d+\n$/)
})
