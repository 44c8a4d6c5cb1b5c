import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { createFiles, type Files } from './files.ts'
import { commands, run } from './model.ts'
import { createWorld, type Storage, startStorage } from './world.ts'

/** TEST_CRASH_RUNS=100 tries longer; TEST_CRASH_SEED=n repeats what a failure has printed. */
const { TEST_CRASH_RUNS, TEST_CRASH_SEED } = process.env
const numRuns = Number(TEST_CRASH_RUNS ?? 2)

for (const { name, database, skip } of [
  { name: 'SQLite', database: 'sqlite', skip: false },
  { name: 'Postgres', database: 'postgres', skip: skipWithoutPostgres },
] as const) {
  describe(`whatever happens in whatever order, on ${name}`, { skip }, () => {
    let storage: Storage
    let files: Files
    before(async () => {
      storage = await startStorage()
      files = await createFiles()
    })
    after(() => storage.stop())

    test('what was acknowledged holds, and nothing is left over', async () => {
      const property = fc.asyncProperty(
        fc.commands(commands, { maxCommands: 20, size: 'max' }),
        async (cmds) => {
          const world = await createWorld(storage, { database })
          try {
            await run(world, files, cmds)
          } finally {
            await world.dispose()
          }
        },
      )
      const seed = TEST_CRASH_SEED === undefined ? {} : { seed: Number(TEST_CRASH_SEED) }
      // The seed and the shortest commands that fail are in the message of the failure.
      await fc.assert(property, { numRuns, ...seed, verbose: 1, interruptAfterTimeLimit: 600_000 })
    })
  })
}
