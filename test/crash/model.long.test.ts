import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { extent } from './extent.ts'
import { createFiles, type Files } from './files.ts'
import { commands, run } from './model.ts'
import { createWorld, type Storage, startStorage } from './world.ts'

/** `TEST_CRASH_SEED=n` repeats what a failure has printed, and shortens it; `TEST_CRASH_RUNS=n` tries longer. */
const { TEST_CRASH_SEED, TEST_CRASH_RUNS = extent.modelRuns } = process.env
const seed = TEST_CRASH_SEED === undefined ? {} : { seed: Number(TEST_CRASH_SEED) }
const numRuns = Number(TEST_CRASH_RUNS)

for (const { name, database, skip } of [
  { name: 'SQLite', database: 'sqlite', skip: false },
  { name: 'Postgres', database: 'postgres', skip: skipWithoutPostgres },
] as const) {
  describe(`random operations in random order, on ${name}`, { skip }, () => {
    let storage: Storage
    let files: Files
    before(async () => {
      storage = await startStorage()
      files = await createFiles()
    })
    after(() => storage.stop())

    test('what was acknowledged holds, and nothing is left over', async () => {
      const property = fc.asyncProperty(
        fc.commands(commands, { maxCommands: extent.commands, size: 'max' }),
        async (cmds) => {
          const world = await createWorld(storage, { database, env: { UNDO_WINDOW: '3600' } })
          try {
            await run(world, files, cmds)
          } finally {
            await world.dispose()
          }
        },
      )
      // The message of a failure has the seed and the commands. To shorten them takes minutes: only when asked for.
      await fc.assert(property, { numRuns, ...seed, endOnFailure: TEST_CRASH_SEED === undefined, verbose: 1 })
    })
  })
}
