import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { repository } from '../support/process.ts'

const skip =
  skipWithoutPostgres ||
  (globSync('/usr/lib/postgresql/*/bin/pg_basebackup').length > 0
    ? false
    : "Debian's tools of Postgres are not installed")

describe('the drill of docs/backup.md', { timeout: 900_000 }, () => {
  for (const [kind, { without }] of Object.entries({
    sqlite: { without: false as const },
    dump: { without: skip },
    recovery: { without: skip },
  })) {
    test(kind, { skip: without }, async () => {
      const drill = spawn(process.execPath, [join(repository, 'scripts/backup-drill.ts'), kind], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = once(drill, 'exit')
      const [said, errors] = await Promise.all([text(drill.stdout), text(drill.stderr)])
      const [code] = await ended
      assert.equal(code, 0, `${said}\n${errors}`)
      assert.match(said, /The drill has passed/)
    })
  }
})
