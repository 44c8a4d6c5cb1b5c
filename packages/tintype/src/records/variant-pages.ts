import { type Kysely, sql } from 'kysely'
import { scheduleDeletion } from './key-steps.ts'
import type { DatabaseKind } from './place.ts'
import type { Ledger, VariantJobRow } from './schema.ts'

/** Which variants photos and videos have: for making anew what the configuration has changed. */
export interface VariantPages {
  countAll(): Promise<number>
  /** By id, after this one. */
  page(after: string, limit: number): Promise<VariantState[]>
  /** They are to be made, whatever is there. One that is being made by the same rule already is left alone. */
  addAnew(jobs: VariantJobRow[]): Promise<void>
  /**
   * Takes variants of these names out of sight, and no longer makes them. Their keys are due at `dueAt`.
   * @returns how many there were
   */
  remove(mediaId: string, names: string[], dueAt: number): Promise<number>
}

export interface VariantState {
  id: string
  kind: string
  variants: { name: string; recipe: string }[]
  jobs: { name: string; recipe: string }[]
}

export function createVariantPages(db: Kysely<Ledger>, kind: DatabaseKind): VariantPages {
  return {
    async countAll() {
      const { n } = await db
        .selectFrom('media')
        .select((e) => e.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
      return Number(n)
    },

    async page(after, limit) {
      const rows = await db
        .selectFrom('media')
        .select(['id', 'kind'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute()
      const ids = rows.map(({ id }) => id)
      if (ids.length === 0) return []
      const [variants, jobs] = await Promise.all(
        (['variant', 'variant_job'] as const).map((table) =>
          db.selectFrom(table).select(['media_id', 'name', 'recipe']).where('media_id', 'in', ids).execute(),
        ),
      )
      const of = (all: { media_id: string; name: string; recipe: string }[] = [], id: string) =>
        all.filter((one) => one.media_id === id)
      return rows.map(({ id, kind }) => ({ id, kind, variants: of(variants, id), jobs: of(jobs, id) }))
    },

    async addAnew(jobs) {
      await db
        .insertInto('variant_job')
        // A media that is removed meanwhile takes its rows with it, or has none that could be referred to.
        .columns(['media_id', 'name', 'recipe', 'created_at', 'due_at', 'attempts'])
        .expression((e) =>
          jobs
            .map((job) =>
              e
                .selectFrom('media')
                .where('id', '=', job.media_id)
                .select([
                  'id',
                  sql<string>`cast(${job.name} as text)`.as('name'),
                  sql<string>`cast(${job.recipe} as text)`.as('recipe'),
                  sql<number>`cast(${job.created_at} as bigint)`.as('created_at'),
                  sql<number>`cast(${job.due_at} as bigint)`.as('due_at'),
                  sql<number>`0`.as('attempts'),
                ]),
            )
            .reduce((all, one) => all.unionAll(one)),
        )
        .onConflict((c) =>
          c
            .columns(['media_id', 'name'])
            .doUpdateSet((e) => ({
              recipe: e.ref('excluded.recipe'),
              due_at: e.ref('excluded.due_at'),
              attempts: 0,
              failed_at: null,
              code: null,
              error: null,
            }))
            .where((e) =>
              e.or([
                e('variant_job.failed_at', 'is not', null),
                e('variant_job.recipe', '<>', e.ref('excluded.recipe')),
              ]),
            ),
        )
        .execute()
    },

    remove: (mediaId, names, dueAt) =>
      db.transaction().execute(async (trx) => {
        const media = trx.selectFrom('media').select('id').where('id', '=', mediaId)
        if (!(await (kind === 'postgres' ? media.forUpdate() : media).executeTakeFirst())) return 0
        const among = <T extends 'variant' | 'variant_job'>(table: T) =>
          trx
            .deleteFrom(table as 'variant')
            .where('media_id', '=', mediaId)
            .where('name', 'in', names)
        await among('variant_job').execute()
        const rows = await among('variant').returning('key').execute()
        if (rows.length > 0)
          await scheduleDeletion(
            trx,
            rows.map(({ key }) => ({ key, writableUntil: null })),
            dueAt,
          )
        return rows.length
      }),
  }
}
