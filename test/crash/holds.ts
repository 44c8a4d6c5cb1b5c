import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Owner } from '../../packages/tintype/src/records/schema.ts'
import type { Journal, KnownMedia } from './journal.ts'
import type { World } from './world.ts'

/** What an app does by `media.hold` and `media.releaseHold`, which no client can: from a process of its own. */
export interface Holder {
  hold(media: KnownMedia): Promise<void>
  release(media: KnownMedia): Promise<void>
  close(): Promise<void>
}

export async function openHolder(world: World): Promise<Holder> {
  const from = <T>(file: string) =>
    import(pathToFileURL(join(world.source, 'packages/tintype/src', file)).href) as Promise<T>
  const { openRecords } =
    await from<typeof import('../../packages/tintype/src/records/records.ts')>('records/records.ts')
  const { anyOwner } =
    await from<typeof import('../../packages/tintype/src/records/schema.ts')>('records/schema.ts')
  const anybody = anyOwner as Owner
  const records = await openRecords(world.databaseUrl)
  return {
    async hold(media) {
      const why = { reason: 'a case', now: Date.now() }
      media.held = await records.undo.hold(media.id, anybody, why)
    },
    async release(media) {
      media.held = false
      await records.undo.releaseHold(media.id, anybody, Date.now())
    },
    close: records.close,
  }
}

/** For a world that was swept: of what is on legal hold and not visible, the ledger still has the last state, whole. */
export async function checkHolds(world: World, { media, violations }: Journal): Promise<void> {
  const held = [...media.values()].filter((one) => one.held && one.deleted !== 'no')
  if (held.length === 0) return
  const rows = await world.sql.all<{ id: string }>(
    `select media_id as id from tintype_version where why = 'removed' and content is not null
     union select id from tintype_media`,
  )
  const known = new Set(rows.map(({ id }) => id))
  for (const { id } of held) if (!known.has(id)) violations.push(`${id} is on legal hold, but is gone`)
}

/** What is held no longer may go with the next sweep. */
export async function releaseAll(world: World, { media }: Journal): Promise<void> {
  const held = [...media.values()].filter((one) => one.held)
  if (held.length === 0) return
  const holder = await openHolder(world)
  try {
    for (const one of held) await holder.release(one)
  } finally {
    await holder.close()
  }
}
