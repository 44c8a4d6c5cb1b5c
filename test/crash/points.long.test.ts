import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { crashPoints } from '../../packages/tintype/src/crash-points.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { check, compareAtOnce, compareWithBucket } from './checker.ts'
import { createClient } from './client.ts'
import { createFiles, type Files } from './files.ts'
import { createJournal } from './journal.ts'
import { hitMigration, hitNaming } from './migration.ts'
import { type Operation, operations } from './operations.ts'
import { sweepAll } from './sweep-all.ts'
import { createWorld, type Storage, startStorage, type World } from './world.ts'

const source = fileURLToPath(new URL('../../packages', import.meta.url))

describe('the list of crash points', () => {
  test('each stands in the code, and has an operation that hits it', () => {
    const code = globSync('{tintype,server}/src/**/*.ts', { cwd: source }).map((file) =>
      readFileSync(`${source}/${file}`, 'utf8'),
    )
    const named = code.flatMap((text) => [...text.matchAll(/crashPoint\('([\w.]+)'\)/g)].map((m) => m[1]))
    // Those of `tintype restore` have a test of their own: test/restore/command.long.test.ts.
    const inCode = new Set(named.filter((name) => !name?.startsWith('putBack.')))
    // And so have the last two: below, and in test/privacy/clean.long.test.ts.
    const covered = new Set([...Object.keys(operations), 'migrate.halfway', 'clean.publishing'])
    assert.deepEqual([...covered].sort(), [...inCode].sort())
    assert.deepEqual(
      [...inCode].filter((name) => !(crashPoints as readonly (string | undefined)[]).includes(name)),
      [],
    )
  })
})

for (const { name, database, skip } of [
  { name: 'SQLite', database: 'sqlite', skip: false },
  { name: 'Postgres', database: 'postgres', skip: skipWithoutPostgres },
] as const) {
  describe(`a server that dies at a crash point, on ${name}`, { skip, concurrency: 3 }, () => {
    let storage: Storage
    let files: Files
    before(async () => {
      storage = await startStorage()
      files = await createFiles()
    })
    after(() => storage.stop())

    const groups = Map.groupBy(Object.entries<Operation>(operations), ([point]) =>
      point.slice(0, point.indexOf('.')),
    )
    for (const [group, members] of groups) {
      describe(group, { concurrency: 1, timeout: 900_000 }, () => {
        const journal = createJournal()
        const client = createClient(journal)
        let world: World
        before(async () => {
          world = await createWorld(storage, { database, hooked: group === 'hook' || group === 'scan' })
        })
        after(() => world.dispose())

        for (const [point, { what, act, env = {} }] of members) {
          test(`${point}: ${what}`, async () => {
            const server = await world.start({ CRASH_AT: point, ...env })
            const acted = act({ world, files, journal, client, url: server.url })
            const [{ signal }] = await Promise.all([server.ended, acted])
            assert.equal(signal, 'SIGKILL')
            await world.calm()
            await compareAtOnce(world, journal)
            await sweepAll(world)
            await compareWithBucket(world, journal)
            assert.deepEqual(journal.violations, [])
          })
        }

        test('afterwards a new server has what was acknowledged, and the same answers to the same keys', async () => {
          const { url } = await world.start()
          await check(world, url, journal, client)
          assert.deepEqual(journal.violations, [])
        })
      })
    }

    test('migrate.halfway: a server that brings an old schema up to date', async (t) => {
      const world = await createWorld(storage, { database })
      t.after(() => world.dispose())
      await hitMigration(world, files)
    })

    test('migrate.halfway: a server that gives the tables of 0.1 their names', async (t) => {
      const world = await createWorld(storage, { database })
      t.after(() => world.dispose())
      await hitNaming(world)
    })
  })
}
