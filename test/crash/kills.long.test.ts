import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { extent } from './extent.ts'
import { killAtRandom, shortWindow } from './kills.ts'
import { createWorld, type Storage, startStorage } from './world.ts'

describe('servers that are killed at random, while clients work and storage and database fail', () => {
  let storage: Storage
  before(async () => {
    storage = await startStorage()
  })
  after(() => storage.stop())

  for (const { name, database, servers, skip } of [
    { name: 'one server on SQLite', database: 'sqlite', servers: 1, skip: false },
    { name: 'two servers on one Postgres', database: 'postgres', servers: 2, skip: skipWithoutPostgres },
  ] as const) {
    test(`${name}: ${extent.kills} kills lose nothing and leave nothing`, { skip }, async (t) => {
      const seed = Date.now() % 2 ** 31
      const world = await createWorld(storage, { database, env: shortWindow, hooked: seed % 2 === 1 })
      t.after(() => world.dispose())
      const result = await killAtRandom(world, { kills: extent.kills, seed, servers })
      const again = `npm run crash -- --concurrency 1 --kills ${extent.kills} --database ${database} --seed ${seed}${seed % 2 === 1 ? '' : ' --no-hooks'}`
      assert.deepEqual(result.violations, [], `Again: ${again}`)
      assert.ok(result.kills >= extent.kills)
      assert.ok(result.uploads > 0)
    })
  }
})
