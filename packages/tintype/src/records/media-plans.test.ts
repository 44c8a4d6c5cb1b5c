import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type CompiledQuery, type Dialect, Kysely } from 'kysely'
import { createDatabase, skipWithoutPostgres } from '../../../../test/support/postgres.ts'
import type { MediaFilter } from './media-filter.ts'
import { createMediaRecords } from './media-records.ts'
import { pairsOf } from './pairs.ts'
import { type DatabaseKind, defaultPrefix, withNames } from './place.ts'
import { createPostgresDialect } from './postgres.ts'
import { openRecords } from './records.ts'
import { anyOwner, type Ledger, type MediaRow } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'
import { createVersionRecords } from './version-records.ts'

const databases: {
  kind: DatabaseKind
  create(): Promise<{ url: string; drop(): Promise<void> }>
  dialectOf(url: string): Dialect
  skip: string | false
}[] = [
  { kind: 'sqlite', create: createFile, dialectOf: createSqliteDialect, skip: false },
  {
    kind: 'postgres',
    create: createDatabase,
    dialectOf: (url) => createPostgresDialect(url, () => {}),
    skip: skipWithoutPostgres,
  },
]

const sought: MediaFilter['sought'] = [
  { words: ['rome'] },
  { words: ['2026'], taken: { date: '2026', spans: [{ from: 1, before: 5 }] } },
]

const filters: MediaFilter[] = [
  { owner: 'ann' },
  { owner: 'ann', kind: 'image' },
  { owner: 'ann', kind: 'video' },
  { owner: 'ann', before: 5, after: 1 },
  { owner: 'ann', claimedBy: 'post:7' },
  { owner: 'ann', ids: ['a', 'b'] },
  { owner: 'ann', sha256: ['a', 'b'] },
  { owner: anyOwner },
  { owner: anyOwner, kind: 'image' },
  { owner: anyOwner, kind: 'video', before: 5 },
  { owner: anyOwner, claimedBy: 'post:7' },
  { owner: anyOwner, ids: ['a', 'b'] },
]

for (const { kind, create, dialectOf, skip } of databases)
  describe(`plans of lists and counts on ${kind}`, { skip }, () => {
    let db: Kysely<Ledger>
    let drop = async () => {}
    const asked: CompiledQuery[] = []
    before(async () => {
      const made = await create()
      drop = made.drop
      await (await openRecords(made.url)).close()
      const schema = kind === 'postgres' ? 'public' : undefined
      const dialect = withNames(dialectOf(made.url), kind, { prefix: defaultPrefix, schema })
      db = new Kysely<Ledger>({ dialect, log: ({ query }) => void asked.push(query) })
    })
    after(async () => {
      await db.destroy()
      await drop()
    })

    /** Where tables are empty, Postgres takes what costs least at all: so it is told to avoid what must not be. */
    async function planOf(ask: () => Promise<unknown>): Promise<string> {
      asked.length = 0
      await ask()
      const [query] = asked as [CompiledQuery]
      const rows = await db.connection().execute(async (on) => {
        const run = (sql: string, parameters = query.parameters) =>
          on.executeQuery({ ...query, sql, parameters })
        if (kind === 'postgres')
          for (const way of ['seqscan', 'bitmapscan', 'sort']) await run(`set enable_${way} = off`, [])
        return (await run(`explain ${kind === 'postgres' ? '' : 'query plan '}${query.sql}`)).rows
      })
      return rows.map((row) => Object.values(row as object).join(' ')).join('\n')
    }
    const readsAll = /Seq Scan|SCAN tintype_media$/m
    const sorts = /Sort|TEMP B-TREE/

    const taken = { takenOrder: 1, createdAt: 1, id: 'a' }

    test('the halves of Live Photos are found by an index, however many copies there are', async () => {
      const half = { id: 'a', content_id: 'c' } as MediaRow
      const plan = await planOf(() => pairsOf(db, [half]))
      assert.doesNotMatch(plan, readsAll)
      assert.doesNotMatch(plan, sorts)
      assert.equal(plan.match(/tintype_media_pairs/g)?.length, 2)
    })

    for (const [whose, owner] of [
      ['one owner', 'ann'],
      ['anybody', anyOwner],
    ] as const)
      test(`what ${whose} removed: each page is read off an index`, async () => {
        const { removed } = createVersionRecords(db)
        for (const after of [undefined, { createdAt: 1, id: 'a' }]) {
          const plan = await planOf(() => removed(owner, { now: 1, limit: 50, after }))
          assert.match(plan, /tintype_version_removed/)
          assert.doesNotMatch(plan, sorts)
        }
      })

    test('one of what an owner removed is found by its id, and so are all of them in their order', async () => {
      const { findRemoved, idsOfRemoved } = createVersionRecords(db)
      for (const plan of [
        await planOf(() => findRemoved('a', 'ann')),
        await planOf(() => findRemoved('a', anyOwner)),
        await planOf(() => idsOfRemoved('ann', 'a', 50)),
      ]) {
        assert.match(plan, /media_id ?(=|>)/)
        assert.doesNotMatch(plan, sorts)
      }
    })

    test('what is on legal hold is read without what is not', async () => {
      const plan = await planOf(() => createVersionRecords(db).held('a', 50))
      assert.match(plan, /tintype_media_held/)
    })

    for (const filter of filters) {
      const { owner, ...more } = filter
      const shape = `${owner === anyOwner ? 'anybody' : 'one owner'} ${JSON.stringify(more)}`
      test(`${shape}: a page and a count are read off an index`, async () => {
        const records = createMediaRecords(db)
        const plans = [
          await planOf(() => records.list(filter, { limit: 50 })),
          await planOf(() => records.list(filter, { limit: 50, oldest: true })),
          await planOf(() => records.list(filter, { limit: 50, after: { createdAt: 1, id: 'a' } })),
          await planOf(() => records.list(filter, { limit: 50, taken: true })),
          await planOf(() => records.outline({ ...filter, sought }, { limit: 50, after: taken })),
          await planOf(() => records.list(filter, { limit: 50, taken: true, oldest: true, after: taken })),
        ]
        const count = await planOf(() => records.count(filter))
        for (const plan of plans) assert.doesNotMatch(plan, readsAll)
        // No index has the kind of photos: those of an owner are few, everybody's are nearly the whole table.
        if (owner !== anyOwner || filter.kind !== 'image') assert.doesNotMatch(count, readsAll)
        // The few that are named, or claimed by one thing, are sorted; no page of everything is.
        if (!filter.ids && !filter.claimedBy) for (const plan of plans) assert.doesNotMatch(plan, sorts)
      })
    }
  })

async function createFile() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-plans-'))
  return { url: join(directory, 'test.db'), drop: () => rm(directory, { recursive: true }) }
}
