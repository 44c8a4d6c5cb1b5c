import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Adapter, run, tally } from '@tintype/crash-kit'
import { adapterOf } from '../../examples/crash-kit/try.ts'

const path = process.env.PATH ?? ''
const recovery = { seconds: 1, how: 'None.' }
const fails: Adapter = { ...adapterOf('fails.ts'), recovery }

describe('the crash kit with a backend that is new to it', { timeout: 480_000 }, () => {
  test('kills the server although another program has started it', async () => {
    const command = ['sh', '-c', `${fails.command.map((word) => `'${word}'`).join(' ')} & wait`]
    const { orphan } = tally(await run({ ...fails, command }, { seed: 1, kills: 8, path }))
    assert.ok(orphan > 0)
  })

  for (const [mistake, change, message] of [
    [
      'uploads go to an address that there is not',
      {
        upload: (file, target) =>
          fails.upload(file, { ...target, url: async () => `${await target.url()}/no` }),
      },
      /the adapter's upload was refused: 404/,
    ],
    [
      'the statement selects something else',
      { keys: { database: 'photos.db', sql: `select 'of-' || id from photo` } },
      /the adapter's keys does not name .*, which list does; it names of-/,
    ],
    [
      'the database has another name',
      { keys: { database: 'photo.db', sql: 'select key from photo' } },
      /the adapter's keys does not name .*; it names none/,
    ],
    ['the list has no keys', { list: async () => [] }, /the adapter's list does not have the id/],
    ['there is no such program', { command: ['no-such-program'] }, /no-such-program ENOENT/],
  ] satisfies [string, Partial<Adapter>, RegExp][])
    test(`says what is wrong with the adapter: ${mistake}`, async () => {
      await assert.rejects(run({ ...fails, ...change }, { seed: 1, kills: 1, path }), { message })
    })

  test('goes on when a cut connection has left an error that no promise holds', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'crash-kit-test-'))
    t.after(() => rm(folder, { recursive: true }))
    const journal = join(folder, 'journal.jsonl')
    const script = fileURLToPath(new URL('escaping.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script, journal])
    assert.ok(Number(stdout) > 0)
    assert.match(await readFile(journal, 'utf8'), /"what":"escaped"/)
  })
})
