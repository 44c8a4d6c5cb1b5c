import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { repository } from '../support/process.ts'
import { audit } from './audit.ts'
import { bugs, plant } from './bugs.ts'
import { check } from './checker.ts'
import { createClient } from './client.ts'
import { extent } from './extent.ts'
import { createFiles, type Files } from './files.ts'
import { openHolder } from './holds.ts'
import { createJournal, idle, type KnownMedia } from './journal.ts'
import { operations, type Scene, uploadOne } from './operations.ts'
import { sweepAll } from './sweep-all.ts'
import { createWorld, type Storage, startStorage } from './world.ts'

/** What goes on in a world before the checker looks; the same with the mistake and without. */
interface Case {
  mistake: keyof typeof bugs
  database?: 'postgres'
  env?: Record<string, string>
  /** What the checker has to say of the mistake. */
  finds: RegExp
  act(scene: Omit<Scene, 'url'>): Promise<unknown>
}

const cases: Record<string, Case> = {
  'delete before commit': {
    mistake: 'deleteBeforeCommit',
    finds: /the row of .* has no object/,
    async act(scene) {
      const server = await scene.world.start({ CRASH_AT: 'ledger.removing' })
      const removed = operations['ledger.removing'].act({ ...scene, url: server.url })
      await Promise.all([server.ended, removed])
    },
  },
  'publish without the due date in the condition': {
    mistake: 'publishWithoutDueDate',
    env: { UPLOAD_DEADLINE: '120' },
    finds: /the row of .* has no object/,
    act: (scene) => uploadDuringSweep(scene, { days: 2 }),
  },
  'sweep without the due date in the condition': {
    mistake: 'claimWithoutDueDate',
    env: { UPLOAD_DEADLINE: '120' },
    finds: /an upload that nothing was wrong with has failed/,
    async act(scene) {
      const acknowledged = await uploadDuringSweep(scene, { days: 0 })
      if (!acknowledged) scene.journal.violations.push('an upload that nothing was wrong with has failed')
    },
  },
  'compensate on an unknown outcome: a PUT that S3 carries out late': {
    mistake: 'forgetAfterUnknownPut',
    env: { SWEEP_GRACE: '60' },
    finds: /the object .* has no row/,
    async act(scene) {
      const { s3Proxy } = scene.world
      const server = await scene.world.start()
      s3Proxy.faults.pick = ({ method }) => (method === 'PUT' ? 'late' : undefined)
      assert.equal(await uploadOne({ ...scene, url: server.url }), false)
      scene.journal.attempts = []
    },
  },
  'compensate on an unknown outcome: a COMMIT without an answer': {
    mistake: 'deleteAfterUnknownCommit',
    database: 'postgres',
    finds: /the row of .* has no object/,
    async act(scene) {
      const { pgProxy } = scene.world
      assert.ok(pgProxy)
      const server = await scene.world.start()
      let times = 0
      pgProxy.faults.pick = (sql) => (/^commit/i.test(sql) && ++times === 1 ? 'cut after' : undefined)
      await uploadOne({ ...scene, url: server.url })
      assert.ok(times > 0)
    },
  },
  'restore without the due date in the condition': {
    mistake: 'restoreWithoutDueDate',
    env: { UNDO_WINDOW: '3600' },
    finds: /the row of .* has no object/,
    async act(scene) {
      const { url } = await scene.world.start()
      const media = await removeOne({ ...scene, url })
      // Its time is over for the sweeper that comes now.
      media.restorableUntil = undefined
      let isTried = false
      await sweepAll(scene.world, {
        rounds: 1,
        async beforeDelete() {
          if (isTried) return
          isTried = true
          await scene.client.restore(url, media)
        },
      })
      assert.ok(isTried)
    },
  },
  'sweep that ignores a legal hold': {
    mistake: 'sweepDespiteHold',
    env: { UNDO_WINDOW: '3600' },
    finds: /is on legal hold, but is gone/,
    async act(scene) {
      const { url } = await scene.world.start()
      assert.ok(await uploadOne({ ...scene, url }))
      const [media] = idle(scene.journal)
      assert.ok(media)
      const holder = await openHolder(scene.world)
      await holder.hold(media)
      await holder.close()
      assert.ok(await scene.client.remove(url, media))
    },
  },
  'a prefix without its slash': {
    mistake: 'prefixWithoutSlash',
    finds: /the bystander's object .* is gone/,
    async act(scene) {
      const server = await scene.world.start()
      await uploadOne({ ...scene, url: server.url })
      await audit(scene.world, ['--repair', '--grace', '0'])
    },
  },
}

describe('planted bugs', { concurrency: 2, timeout: 900_000 }, () => {
  let storage: Storage
  let files: Files
  before(async () => {
    storage = await startStorage()
    files = await createFiles()
  })
  after(() => storage.stop())

  for (const [name, { mistake, database = 'sqlite', env = {}, finds, act }] of Object.entries(cases)) {
    const skip = database === 'postgres' ? skipWithoutPostgres : false

    const violationsOf = async (source: string) => {
      const world = await createWorld(storage, { database, source, env, lateness: 1000 })
      try {
        const journal = createJournal()
        const client = createClient(journal)
        await act({ world, files, journal, client })
        await world.calm()
        await world.killAll()
        await sweepAll(world)
        await check(world, (await world.start()).url, journal, client)
        return journal.violations
      } finally {
        await world.dispose()
      }
    }

    test(`${name}: found`, { skip }, async (t) => {
      const { source, remove } = await plant(bugs[mistake])
      t.after(remove)
      assert.match((await violationsOf(source)).join('\n'), finds)
    })

    test(`${name}: without the bug, nothing is found`, { skip: skip || extent.skipControls }, async () => {
      assert.deepEqual(await violationsOf(repository), [])
    })
  }
})

/** An upload, and its deletion within a window. */
async function removeOne(scene: Scene): Promise<KnownMedia> {
  assert.ok(await uploadOne(scene))
  const [media] = idle(scene.journal)
  assert.ok(media && (await scene.client.remove(scene.url, media)))
  return media
}

/**
 * An upload whose last PUT has reached S3 while its answer has not come back: then another sweeper runs, and the
 * upload goes on.
 *
 * @param moved how far time has gone on for the sweeper
 */
async function uploadDuringSweep(scene: Omit<Scene, 'url'>, moved: { days: number }): Promise<boolean> {
  const { world } = scene
  const server = await world.start()
  let puts = 0
  world.s3Proxy.faults.after = async ({ method }) => {
    // Of the original and of its thumb.
    if (method === 'PUT' && ++puts === 2) await sweepAll(world, { rounds: 1, ...moved })
  }
  return uploadOne({ ...scene, url: server.url })
}
