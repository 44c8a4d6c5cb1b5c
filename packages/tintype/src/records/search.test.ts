import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import { randomId } from '../ids.ts'
import { keepDetails } from '../inspect/details/kept-details.ts'
import { type MediaSearch, toFilter } from '../media-query.ts'
import { readTimeline } from '../timeline.ts'
import type { PublishedMedia } from './ledger-types.ts'
import { openRecords, type Records } from './records.ts'

const databases = [
  { name: 'SQLite', create: createFile, skip: false as const },
  { name: 'Postgres', create: createDatabase, skip: skipWithoutPostgres },
]
const owner = 'ann'

for (const { name, create, skip } of databases)
  describe(`search on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    before(async () => {
      database = await create()
      records = await openRecords(database.url)
      await add('new year in Tokyo', { time: '2026-01-01T05:00:00+09:00' })
      await add('clock alone', { time: '2026-09-14T23:59:59.5' })
      await add('instant', { time: '2026-09-14T22:30:00Z', camera: 'Z 6' })
      await add('undated', { createdAt: '2026-09-13T22:30:00Z' })
      await add('scan', {
        time: '1998-07-01T12:00:00',
        caption: 'September 2026, again at the lake',
        camera: 'Z',
      })
      await add('IMG_2026.jpg', { createdAt: '2019-05-05T12:00:00Z' })
    })
    after(async () => {
      await records.close()
      await database.drop()
    })

    async function add(
      name: string,
      { time, camera, createdAt = '2027-02-02T12:00:00Z', caption = null }: Partial<Added>,
    ): Promise<void> {
      const id = randomId()
      const now = Date.parse(createdAt)
      const takenAt = time === undefined ? undefined : ({ time, from: 'exif' } as const)
      const details = keepDetails({ details: { takenAt, camera }, name }, { createdAt: now, now })
      const media = { ...rowOf(id, name), ...details, caption, created_at: now }
      await records.ledger.reserve([media.key], 10_000)
      await records.ledger.publish([{ media, variants: [], pending: [{ key: media.key, dueAt: 10_000 }] }])
    }

    /** As a list and a page by days show them. */
    async function find(search: string, more: Omit<MediaSearch, 'search'> = {}): Promise<string[]> {
      const query = { search, ...more }
      const rows = await records.media.list(toFilter(owner, query), { limit: 50, taken: true })
      const { total } = await readTimeline(records.media, owner, query)
      assert.equal(total, rows.length)
      return rows.map(({ media }) => media.name)
    }

    test('a date finds what was taken then, as clocks showed it there, and the same words in names and captions', async () => {
      assert.deepEqual(await find('2026'), [
        ...['clock alone', 'instant', 'undated', 'new year in Tokyo'],
        ...['IMG_2026.jpg', 'scan'],
      ])
      assert.deepEqual(await find('2025'), [])
      assert.deepEqual(await find('january 2026'), ['new year in Tokyo'])
      assert.deepEqual(await find('2026-01-01'), ['new year in Tokyo'])
      assert.deepEqual(await find('september 2026'), ['clock alone', 'instant', 'undated', 'scan'])
      assert.deepEqual(await find('1998'), ['scan'])
      assert.deepEqual(await find('2019'), ['IMG_2026.jpg'])
    })

    test('what has an instant alone has its day in the zone', async () => {
      assert.deepEqual(await find('2026-09-14'), ['clock alone', 'instant'])
      assert.deepEqual(await find('2026-09-14', { zone: 'Europe/Berlin' }), ['clock alone', 'undated'])
      assert.deepEqual(await find('15. september 2026', { zone: 'Europe/Berlin' }), ['instant'])
    })

    test('a day without a year is that day of each year', async () => {
      assert.deepEqual(await find('sep 14'), ['clock alone', 'instant'])
      assert.deepEqual(await find('14 september', { zone: 'Europe/Berlin' }), ['clock alone', 'undated'])
      assert.deepEqual(await find('1 july'), ['scan'])
      assert.deepEqual(await find('may 5'), ['IMG_2026.jpg'])
      assert.deepEqual(await find('29 february'), [])
    })

    test('a month without a year is that month of each year, and a word', async () => {
      assert.deepEqual(await find('september'), ['clock alone', 'instant', 'undated', 'scan'])
      assert.deepEqual(await find('jul'), ['scan'])
      assert.deepEqual(await find('january', { zone: 'America/New_York' }), ['new year in Tokyo'])
      assert.deepEqual(await find('mai', { languages: ['de'] }), ['IMG_2026.jpg'])
      assert.deepEqual(await find('lake sep'), ['scan'])
      assert.deepEqual(await find('october'), [])
    })

    test('with words, both have to be so', async () => {
      assert.deepEqual(await find('lake 1998'), ['scan'])
      assert.deepEqual(await find('lake 2025'), [])
      assert.deepEqual(await find('alone sep 2026'), ['clock alone'])
      assert.deepEqual(await find('instant märz 2026', { languages: ['de'] }), [])
    })
  })

interface Added {
  time: string
  camera: string
  createdAt: string
  caption: string | null
}

function rowOf(id: string, name: string): PublishedMedia['media'] {
  return {
    ...{ id, owner, key: `media/${id}/original.jpg`, kind: 'image', type: 'image/jpeg', name },
    ...{ bytes: 5, sha256: 'ab', sent_sha256: null, width: 3, height: 2, duration: null },
    ...{ caption: null, alt: null, data: null, revision: 1, placeholder: null, cleaned: null },
    ...{ created_at: 1, taken_order: 1, content_id: null, details: null },
    ...{ request_key: null, request_index: null, request_hash: null, claimed_by: null },
    ...{ expires_at: null, writable_until: null, hold_reason: null, held_at: null },
  }
}

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-search-'))
  return { url: join(directory, 'new.db'), drop: () => rm(directory, { recursive: true }) }
}
