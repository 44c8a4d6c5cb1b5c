import { describe, test } from 'node:test'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { makeAlbum, manyForOnePlace, startAlbums } from './server.ts'

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
