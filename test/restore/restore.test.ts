import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type Storage, startStorage } from '../audit/setting.ts'
import { sqliteDatabases } from './databases.ts'
import { putBack } from './model.ts'

describe('going back to an older state of the database', () => {
  let storage: Storage
  before(async () => {
    storage = await startStorage()
  })
  after(() => storage.close())

  test('each photo of that moment is there, nothing of after is visible, and the audit finds nothing', async () => {
    await fc.assert(putBack({ storage, databases: sqliteDatabases(storage.directory) }), { numRuns: 2 })
  })
})
