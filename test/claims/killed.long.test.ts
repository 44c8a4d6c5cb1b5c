import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { systemClock } from '../../packages/tintype/src/clock.ts'
import type { LogEvent } from '../../packages/tintype/src/index.ts'
import { openApp } from './app.ts'

/** In order; whether post and photo are there in the end, and what has to be done for it. */
const steps: { step: string; stays: boolean; by?: LogEvent }[] = [
  { step: 'created', stays: false, by: 'media.expired' },
  { step: 'inserting', stays: false, by: 'media.expired' },
  { step: 'inserted', stays: true, by: 'media.claimed' },
  { step: 'attached', stays: true },
  { step: 'released', stays: true, by: 'media.claimed' },
  { step: 'record removed', stays: false, by: 'media.expired' },
  { step: 'detached', stays: false },
]

describe('a record in a store without transactions, and its photo', () => {
  for (const { step, stays, by } of steps) {
    test(`killed when it was ${step}: ${stays ? 'both are there' : 'neither is there'} in the end`, async (t) => {
      const directory = await mkdtemp(join(tmpdir(), 'tintype-claims-'))
      t.after(() => rm(directory, { recursive: true }))
      const app = spawn(process.execPath, [join(import.meta.dirname, 'app.ts'), directory, step])
      app.stdout.resume()
      app.stderr.pipe(process.stderr)
      assert.deepEqual(await once(app, 'exit'), [null, 'SIGKILL'])

      const done = Promise.withResolvers<void>()
      if (by === undefined) done.resolve()
      const hear = (event: LogEvent) => event === by && done.resolve()
      const { posts, tintype } = await openApp(directory, {
        clock: { ...systemClock, now: () => Date.now() + 2 * 3_600_000 },
        log: { info: hear, warn: hear, error: hear },
      })
      t.after(() => tintype.close())
      await done.promise
      const { media } = await tintype.media.list({ owner: 'me' })
      const found = await posts.findAsync({})
      assert.equal(found.length, stays ? 1 : 0)
      assert.deepEqual(
        media.map(({ id }) => id),
        found.map(({ photo }) => photo),
      )
    })
  }
})
