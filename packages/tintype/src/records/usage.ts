import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { type Addition, demandRoom, isLimited, type Usage } from '../quotas/room.ts'
import type { PublishedMedia, Quota } from './ledger-types.ts'
import type { DatabaseKind } from './place.ts'
import type { Ledger } from './schema.ts'

/**
 * How much owners have: counted off the rows themselves, which can't be wrong after a crash, a restore, or a time without
 * quotas. Indexes hold all that is asked for: 6 ms for an owner of 100,000 media.
 */
export interface UsageRecords {
  /** @param options.kept what was removed or replaced counts too, as long as it can be had again */
  of(owner: string, now: number, options: { kept: boolean | undefined }): Promise<Usage>
}

export function createUsageRecords(db: Kysely<Ledger>): UsageRecords {
  return { of: (owner, now, options) => usageOf(db, owner, now, options) }
}

/** The part of the ledger's moves that holds quotas. Without quotas, none of this asks the database anything. */
export function createQuotaSteps(kind: DatabaseKind) {
  /**
   * Until this transaction ends, others that add something for one of these owners wait. In one order, so that no two
   * transactions wait for each other. A row is written, not only locked, so that a transaction of the app that reads as of
   * its own beginning (REPEATABLE READ) fails rather than counting what was there then. SQLite has one writer anyway.
   */
  async function takeTurns(trx: Kysely<Ledger>, owners: Iterable<string>): Promise<void> {
    if (kind !== 'postgres') return
    const names = [...new Set(owners)].map(hashOwner).sort()
    await trx
      .insertInto('owner_turn')
      .values(names.map((owner) => ({ owner, turns: 1 })))
      .onConflict((c) => c.column('owner').doUpdateSet({ turns: sql`${sql.ref('owner_turn.turns')} + 1` }))
      .execute()
  }

  return {
    /** @throws {TintypeError} `quota_exceeded` */
    async demandRoomFor(trx: Kysely<Ledger>, media: readonly PublishedMedia[]): Promise<void> {
      const limited = media.filter(({ quota }) => quota && isLimited(quota.limits))
      if (limited.length === 0) return
      await takeTurns(
        trx,
        limited.map((one) => one.media.owner),
      )
      for (const [owner, added] of Map.groupBy(limited, (one) => one.media.owner)) {
        const { now = 0, limits = {} } = added[0]?.quota ?? {}
        const used = await usageOf(trx, owner, now, { kept: limits.kept })
        for (const { media, quota, isGranted = false } of added) {
          const more = { bytes: media.bytes, files: 1, isGranted }
          demandRoom(quota?.limits ?? {}, used, more)
          used.media += 1
          used.bytes += media.bytes
        }
      }
    },

    /** @throws {TintypeError} `quota_exceeded` */
    async demandRoomForMore(
      trx: Kysely<Ledger>,
      owner: string,
      quota: Quota | undefined,
      more: Addition,
    ): Promise<void> {
      if (!quota || !isLimited(quota.limits, more)) return
      await takeTurns(trx, [owner])
      const { limits, now } = quota
      demandRoom(limits, await usageOf(trx, owner, now, { kept: limits.kept }), more)
    },
  }
}

async function usageOf(
  db: Kysely<Ledger>,
  owner: string,
  now: number,
  { kept = false }: { kept: boolean | undefined },
): Promise<Usage> {
  const there = db
    .selectFrom('media')
    .select((e) => [e.fn.countAll().as('media'), e.fn.sum('bytes').as('bytes')])
    .where('owner', '=', owner)
    .as('there')
  const open = db
    .selectFrom('upload')
    .select((e) => [e.fn.countAll().as('sessions'), e.fn.sum('bytes').as('sessionBytes')])
    .where('owner', '=', owner)
    .where('media_id', 'is', null)
    .where('refusal', 'is', null)
    // A form that is being scanned was granted nothing.
    .where('form', 'is', null)
    .where('expires_at', '>', now)
    .as('open')
  const row = await db.selectFrom([there, open]).selectAll().executeTakeFirstOrThrow()
  const { removed, keptBytes } = kept ? await keptOf(db, owner) : { removed: 0, keptBytes: 0 }
  return {
    media: Number(row.media) + removed,
    bytes: Number(row.bytes) + keptBytes,
    sessions: Number(row.sessions),
    sessionBytes: Number(row.sessionBytes),
  }
}

/** A replaced photo has more bytes, and is still one photo. */
async function keptOf(db: Kysely<Ledger>, owner: string): Promise<{ removed: number; keptBytes: number }> {
  const row = await db
    .selectFrom('version')
    .select((e) => [
      e.fn.countAll().filterWhere('why', '<>', 'replaced').as('removed'),
      e.fn.sum('bytes').as('bytes'),
    ])
    .where('owner', '=', owner)
    .where('content', 'is not', null)
    .executeTakeFirstOrThrow()
  return { removed: Number(row.removed), keptBytes: Number(row.bytes) }
}

/** So that a name of somebody who has left is not kept. */
export function hashOwner(owner: string): string {
  return createHash('sha256').update(owner).digest('hex')
}
