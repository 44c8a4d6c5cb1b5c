// A drill of docs/backup.md, from an empty folder that goes afterwards: photos, a copy of the database, an hour that goes wrong,
// the loss of the database, the copy put back, `tintype restore`, and a look at every byte.
//
//   node scripts/backup-drill.ts sqlite     SQLite's backup API
//   node scripts/backup-drill.ts dump       Postgres: pg_dump and pg_restore
//   node scripts/backup-drill.ts recovery   Postgres: a base backup, the WAL archive, recovery to a moment
//
// Those of Postgres start a server of their own: they need initdb and its like, and `su postgres` when run as root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { form, hashOf, photo, request, type Shown, text, upload } from './backup-drill/client.ts'
import { type Database, databases } from './backup-drill/databases.ts'
import { say, until } from './backup-drill/say.ts'
import { killAll, run, start } from './backup-drill/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'tintype-drill-'))
const data = join(folder, 'data')

const kind = process.argv[2] ?? ''
const make = Object.hasOwn(databases, kind) ? databases[kind] : undefined
if (!make) {
  console.error(`Usage: node scripts/backup-drill.ts ${Object.keys(databases).join(' | ')}`)
  process.exit(2)
}
say(`# in ${folder}`)
const database = make({ folder, data })
try {
  await drill(database)
  say('\nThe drill has passed.')
} finally {
  killAll()
  database.end()
  rmSync(folder, { recursive: true, force: true })
}

async function drill({ env: database, copy, lose, putBack }: Database): Promise<void> {
  const env = { TINTYPE_DATA: data, PORT: '0', UNDO_WINDOW: '2592000', VARIANTS: 'thumb:320', ...database }

  say('\n# A server with three photos; then its database is copied')
  let server = await start(folder, env)
  const photos = await Promise.all(['one', 'two', 'three'].map((name) => upload(server.url, name)))
  await copy()

  say('\n# What came later: a fourth photo, one that is removed, one that is replaced')
  await upload(server.url, 'four')
  await request('DELETE', `${server.url}/api/media/${photos[0]?.id}`)
  await request('PUT', `${server.url}/api/media/${photos[1]?.id}`, form('other', photo()))
  await server.stop()

  say('\n# The database is lost, and the copy put back')
  await lose()
  await putBack()

  say('\n# A server that starts on it notices, and deletes nothing')
  server = await start(folder, env)
  await until(async () => /^tintype_database_put_back 1$/m.test(await text(`${server.url}/metrics`)))
  await server.stop()

  say('\n# What can be had of it, and then: database and bucket agree again')
  const check = run(folder, ['restore', '--check', '--json'], env)
  assert.match(check, /"isPutBack":true/)
  assert.match(check, /"lost":0/)
  run(folder, ['restore'], env)

  say('\n# The three photos of that moment, byte for byte; nothing of after')
  server = await start(folder, env)
  const { media } = JSON.parse(await text(`${server.url}/api/media`)) as { media: Shown[] }
  assert.deepEqual(new Set(media.map((one) => one.id)), new Set(photos.map((one) => one.id)))
  for (const one of media) {
    const { sha256 } = photos.find(({ id }) => id === one.id) ?? {}
    assert.equal(await hashOf(one.urls.original), sha256)
    assert.ok(await hashOf(one.urls.thumb ?? ''))
  }
  assert.match(await text(`${server.url}/metrics`), /^tintype_database_put_back 0$/m)
  await server.stop()
  run(folder, ['audit'], env)
}
