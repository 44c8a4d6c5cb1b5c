import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onPostgres } from '../../../../test/support/app-database.ts'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { publication } from '../../../../test/support/published.ts'
import { uploadRow } from '../../../../test/support/upload-row.ts'
import { openRecords } from './records.ts'

test('of uploads that share a commit, only the one whose row is locked waits for it', {
  skip: skipWithoutPostgres,
}, async (t) => {
  const database = await createDatabase()
  const records = await openRecords(database.url)
  const other = await onPostgres(database.url)
  t.after(async () => {
    await other.close()
    await records.close()
    await database.drop()
  })
  const [locked, ...free] = Array.from({ length: 5 }, () => publication()) as [ReturnType<typeof publication>]
  const all = [locked, ...free]
  await records.ledger.reserve(
    all.map((one) => one.key),
    10_000,
  )
  const session = uploadRow({ key: locked.key, due_at: 10_000, expires_at: 10_000 })
  await records.uploads.open(session)

  await other.run('begin')
  await other.run(`select id from tintype_upload where id = '${session.id}' for update`)
  const waiting = records.ledger.publish([{ ...locked, uploadId: session.id }])
  await Promise.all(free.map((one) => records.ledger.publish([one])))
  await other.run('rollback')
  await waiting
  for (const { media } of all) assert.ok(await records.media.find(media.id, media.owner))
})
