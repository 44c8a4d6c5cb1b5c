import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { makeAlbum, manyForOnePlace, share, startAlbums } from './server.ts'

describe('of fifty files at once for one free place one comes in', () => {
  const race = async (env: Record<string, string> = {}) => {
    await using server = await startAlbums(env)
    const ann = await server.signedIn('Ann')
    await manyForOnePlace(server, ann, await makeAlbum(ann, 'Wedding'), 50)
  }

  test('on SQLite', () => race())

  test('on Postgres', { skip: skipWithoutPostgres }, async () => {
    const { url, drop } = await createDatabase()
    try {
      await race({ DATABASE_URL: url })
    } finally {
      await drop()
    }
  })
})

test('uploads that are begun and left keep only so much of the owner’s room free', async () => {
  await using server = await startAlbums()
  const ann = await server.signedIn('Ann')
  const made = await share(ann, await makeAlbum(ann, 'Wedding'), { kind: 'drop', maxFiles: 1 })
  const guest = await server.guest(made)
  const body = { name: 'a.jpg', size: 10, type: 'image/jpeg' }
  const begin = async () => (await guest.fetch(`${guest.api}/uploads`, { method: 'POST', body })).status
  const statuses = []
  for (let n = 0; n < 103; n++) statuses.push(await begin())
  assert.deepEqual([statuses.lastIndexOf(201), statuses.indexOf(403)], [101, 102])
})

test('of many that are begun at once no more begin than may, on Postgres', {
  skip: skipWithoutPostgres,
}, async () => {
  const { url, drop } = await createDatabase()
  try {
    await using server = await startAlbums({ DATABASE_URL: url, RATE_GUESTS: 'off' })
    const ann = await server.signedIn('Ann')
    const made = await share(ann, await makeAlbum(ann, 'Wedding'), { kind: 'drop', maxFiles: 1 })
    const guest = await server.guest(made)
    const body = { name: 'a.jpg', size: 10, type: 'image/jpeg' }
    const begin = async () => (await guest.fetch(`${guest.api}/uploads`, { method: 'POST', body })).status
    const statuses = await Promise.all(Array.from({ length: 300 }, begin))
    assert.equal(statuses.filter((status) => status === 201).length, 102)
  } finally {
    await drop()
  }
})
