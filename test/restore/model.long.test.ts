import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Records } from '../../packages/tintype/src/records/records.ts'
import { type Storage, startStorage } from '../audit/setting.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { postgresDatabases, sqliteDatabases } from './databases.ts'
import { putBack } from './model.ts'

/** `TEST_RESTORE_RUNS=1000` tries longer; `TEST_RESTORE_SEED=n` repeats what a failure has printed. */
const { TEST_RESTORE_RUNS, TEST_RESTORE_SEED } = process.env
const seed = TEST_RESTORE_SEED === undefined ? {} : { seed: Number(TEST_RESTORE_SEED) }
const runs = (usual: number) => ({ numRuns: Number(TEST_RESTORE_RUNS ?? usual), ...seed })

/** Plausible mistakes in what `restore` does. */
const mistakes: Record<string, (records: Records) => Records> = {
  'what is newer is deleted at once': (records) => ({
    ...records,
    audit: { ...records.audit, scheduleDeletion: (keys) => records.audit.scheduleDeletion(keys, 0) },
  }),
  "the dump's own dates stay": (records) => ({
    ...records,
    restore: { ...records.restore, postponeAll: async () => {} },
  }),
  'what is newer is forgotten': (records) => ({
    ...records,
    audit: { ...records.audit, scheduleDeletion: async () => {} },
  }),
  'multipart uploads are left alone': (records) => ({
    ...records,
    restore: { ...records.restore, scheduleMultipart: async () => true },
  }),
}

describe('histories that are put back', () => {
  let storage: Storage
  before(async () => {
    storage = await startStorage()
  })
  after(() => storage.close())

  test('on SQLite', async () => {
    const databases = sqliteDatabases(storage.directory)
    await fc.assert(putBack({ storage, databases }), runs(10))
  })

  test('on Postgres', { skip: skipWithoutPostgres }, async (t) => {
    const databases = postgresDatabases()
    t.after(() => databases.drop())
    await fc.assert(putBack({ storage, databases }), runs(6))
  })

  for (const [name, mistake] of Object.entries(mistakes)) {
    test(`a planted bug is found: ${name}`, async () => {
      const databases = sqliteDatabases(storage.directory)
      const property = putBack({ storage, databases, mistake })
      const { failed } = await fc.check(property, { numRuns: 120, endOnFailure: true })
      assert.ok(failed)
    })
  }
})
