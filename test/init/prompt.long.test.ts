import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { command } from '../support/process.ts'
import { appFolder } from './folder.ts'

const { PATH = '' } = process.env
const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is not installed'

const files = {
  'package.json': '{ "dependencies": { "express": "5" } }\n',
  'package-lock.json': '{}\n',
  '.gitignore': 'node_modules\n',
}

interface Asked {
  /** What is typed when it asks. */
  answer: string
  /** Runs while it waits for the answer. */
  meanwhile?: (folder: string) => void
  args?: string
}

/** `tintype init` in a terminal. */
async function askedIn(folder: string, { answer, meanwhile, args = '' }: Asked) {
  const line = `"${process.execPath}" "${command}" init ${args}`
  // A program of the same name stands for npm: it writes what it was asked for.
  const env = { PATH: `${folder}/bin:${PATH}`, HOME: folder, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh' }
  const terminal = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: folder,
    env,
  })
  let said = ''
  for (const stream of [terminal.stdout, terminal.stderr])
    stream.on('data', (text) => {
      const before = said
      said += text
      if (!before.includes('[y/N]') && said.includes('[y/N]')) {
        meanwhile?.(folder)
        terminal.stdin.write(answer)
      }
    })
  const [code] = await once(terminal, 'close')
  return { code, said: said.replaceAll('\r', '') }
}

describe('`tintype init` in a terminal asks before it writes', { skip, concurrency: 2 }, () => {
  for (const [name, answer] of Object.entries({
    n: 'n\r',
    'Enter alone': '\r',
    'another word': 'maybe\r',
    'Ctrl-C': '\x03',
    'Ctrl-D': '\x04',
  }))
    test(`${name}: nothing is written`, async () => {
      await using folder = await appFolder(files)
      const before = readdirSync(folder.path)
      const { code, said } = await askedIn(folder.path, { answer })
      assert.equal(code, 1, said)
      assert.match(said, /\+\+\+ tintype\.mjs\n/)
      assert.match(said, /\nNothing was written\.\n$/)
      assert.deepEqual(readdirSync(folder.path), before)
    })

  for (const answer of ['y', 'Yes'])
    test(`${answer}: what was shown is written, and another call finds nothing to write`, async () => {
      await using folder = await appFolder(files)
      const { code, said } = await askedIn(folder.path, { answer: `${answer}\r` })
      assert.equal(code, 0, said)
      assert.match(said, /written {2}tintype\.mjs\n[\s\S]*0 failed/)
      assert.ok(existsSync(join(folder.path, 'public/photos.html')))
      const again = await askedIn(folder.path, { answer: '' })
      assert.deepEqual([again.code, /Nothing is left to write/.test(again.said)], [0, true], again.said)
    })

  test('a file that is changed while it asks stays as it is, and nothing else is written', async () => {
    await using folder = await appFolder(files)
    const meanwhile = (path: string) => writeFileSync(join(path, '.gitignore'), 'mine\n')
    const { code, said } = await askedIn(folder.path, { answer: 'y\r', meanwhile })
    assert.equal(code, 1)
    assert.match(said, /\.gitignore has changed since it was shown: nothing was written/)
    assert.equal(existsSync(join(folder.path, 'tintype.mjs')), false)
  })

  test('--install runs the command of the package manager, and says so when that fails', async () => {
    await using folder = await appFolder({
      ...files,
      'bin/npm': '#!/bin/sh\necho "npm was called: $*"\nexit "$(cat exits)"\n',
      exits: '0',
    })
    spawnSync('chmod', ['+x', join(folder.path, 'bin/npm')])
    const done = await askedIn(folder.path, { answer: 'y\r', args: '--install' })
    assert.equal(done.code, 0, done.said)
    assert.match(done.said, /npm was called: install tintype @tintype\/local-s3\n/)
    writeFileSync(join(folder.path, 'exits'), '1')
    const failed = await askedIn(folder.path, { answer: '', args: '--install' })
    assert.equal(failed.code, 1)
    assert.match(failed.said, /npm ended with 1, so the packages are missing: install them/)
  })
})
