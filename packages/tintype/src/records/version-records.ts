import { type Kysely, sql } from 'kysely'
import type { Position } from './media-pages.ts'
import { anyOwner, heldUntil, type Ledger, type MediaRow, type Owner } from './schema.ts'
import { goneSince, type KeptVersion, toKept } from './version-steps.ts'

/** Earlier states of media that can be had again. */
export interface VersionRecords {
  /**
   * Removed media that can be had again at `now`, the last removed first, by keyset: what is visible, and what has gone for
   * good, costs nothing. For any owner also what is on legal hold after its time.
   */
  removed(
    owner: Owner,
    page: { now: number; limit: number; after?: Position | undefined },
  ): Promise<KeptVersion[]>
  /** One that was removed, whether or not it can still be had in time. */
  findRemoved(id: string, owner: Owner): Promise<KeptVersion | undefined>
  /** What a media was before it was replaced, as far as it can be had again at `now`, the latest first. */
  replaced(id: string, page: { now: number; limit: number }): Promise<KeptVersion[]>
  /** Ids of media of which something is kept though they are not visible, in their order. */
  idsOfRemoved(owner: string, after: string, limit: number): Promise<string[]>
  /** What is on legal hold, by the id of the media, after this one: as it is visible or, where it is not, as it was last. */
  held(after: string, limit: number): Promise<HeldMedia[]>
  /** Forgets what went at `now` or before, but that it went; and that too, some weeks later. @returns how many rows */
  forget(now: number, limit: number): Promise<number>
}

export interface HeldMedia {
  id: string
  owner: string
  name: string
  reason: string
  /** Milliseconds since the epoch. */
  heldAt: number
  isVisible: boolean
}

export function createVersionRecords(db: Kysely<Ledger>): VersionRecords {
  const kept = db.selectFrom('version').selectAll().where('content', 'is not', null)
  // Written out, so that SQLite uses the partial index.
  const isRemoved = sql<boolean>`why <> 'replaced'`

  return {
    async removed(owner, { now, limit, after }) {
      let query = kept.where(isRemoved).where(owner === anyOwner ? 'due_at' : 'restorable_until', '>', now)
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      if (after) {
        const { createdAt, id } = after
        query = query.where((e) => e(e.refTuple('ended_at', 'media_id'), '<', e.tuple(createdAt, id)))
      }
      const rows = await query.orderBy('ended_at', 'desc').orderBy('media_id', 'desc').limit(limit).execute()
      return rows.map(toKept)
    },

    async findRemoved(id, owner) {
      let query = kept.where('media_id', '=', id).where(isRemoved)
      if (owner !== anyOwner) query = query.where('owner', '=', owner)
      const row = await query.executeTakeFirst()
      return row && toKept(row)
    },

    async replaced(id, { now, limit }) {
      const rows = await kept
        .where('media_id', '=', id)
        .where('why', '=', 'replaced')
        .where('restorable_until', '>', now)
        .orderBy('revision', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toKept)
    },

    async idsOfRemoved(owner, after, limit) {
      const rows = await kept
        .clearSelect()
        .select('media_id')
        .distinct()
        .where('owner', '=', owner)
        .where('media_id', '>', after)
        .orderBy('media_id')
        .limit(limit)
        .execute()
      return rows.map(({ media_id }) => media_id)
    },

    async held(after, limit) {
      const visible = await db
        .selectFrom('media')
        .select(['id', 'owner', 'name', 'hold_reason', 'held_at'])
        .where('id', '>', after)
        .where('hold_reason', 'is not', null)
        .orderBy('id')
        .limit(limit)
        .execute()
      const removed = await kept
        .where('due_at', '=', heldUntil)
        .where('media_id', '>', after)
        .where((e) =>
          e.and([
            e.not(e.exists(e.selectFrom('media').select('id').whereRef('id', '=', 'version.media_id'))),
            e.not(
              e.exists(
                e
                  .selectFrom('version as later')
                  .select('later.media_id')
                  .whereRef('later.media_id', '=', 'version.media_id')
                  .whereRef('later.revision', '>', 'version.revision')
                  .where('later.due_at', '=', heldUntil),
              ),
            ),
          ]),
        )
        .orderBy('media_id')
        .limit(limit)
        .execute()
      return [
        ...visible.map((media) => toHeld(media, true)),
        ...removed.map((row) => toHeld(toKept(row).content.media, false)),
      ]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
    },

    async forget(now, limit) {
      const due = db
        .selectFrom('version')
        .selectAll()
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(limit)
      const rows = await due.execute()
      for (const row of rows) {
        const { media_id, revision, due_at } = row
        // By its date: one that is put on legal hold, or restored, meanwhile stays as it is.
        const same = sql<boolean>`media_id = ${media_id} and revision = ${revision} and due_at = ${due_at}`
        if (row.content === null) await db.deleteFrom('version').where(same).execute()
        else {
          const gone = goneSince(row.owner, Number(row.restorable_until))
          await db.updateTable('version').set(gone).where(same).execute()
        }
      }
      return rows.length
    },
  }
}

type HeldRow = Pick<MediaRow, 'id' | 'owner' | 'name' | 'hold_reason' | 'held_at'>

function toHeld({ id, owner, name, hold_reason, held_at }: HeldRow, isVisible: boolean): HeldMedia {
  return { id, owner, name, reason: hold_reason ?? '', heldAt: Number(held_at), isVisible }
}
