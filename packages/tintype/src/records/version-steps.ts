import { type Kysely, sql } from 'kysely'
import { lockMedia, moveDeletion, originalOf, scheduleDeletion, scheduleKept } from './key-steps.ts'
import type { RemovedKey } from './ledger-types.ts'
import type { MediaWithVariants } from './media-records.ts'
import type { DatabaseKind } from './place.ts'
import {
  anyOwner,
  heldUntil,
  type Ledger,
  type MediaRow,
  type Owner,
  type VariantRow,
  type VersionRow,
} from './schema.ts'
import { hashOwner } from './usage.ts'

/** How long what is removed or replaced can be had again: milliseconds since the epoch. */
export interface Keep {
  now: number
  until: number
}

/** What is kept of a state: its rows. */
export interface VersionContent {
  media: MediaRow
  variants: VariantRow[]
}

/** A version that can be had again. */
export type KeptVersion = Omit<VersionRow, 'content'> & { content: VersionContent }

/** Milliseconds for which it is remembered when something went for good. */
export const rememberedFor = 30 * 86_400_000

/**
 * The one way out of sight: what was visible gets a date of deletion, and where it may be wanted back, or is on legal hold, it
 * is kept as a version until then.
 *
 * @param dueAt of what is not kept
 * @returns the keys that are due then; none where they are kept
 */
export async function letGo(
  trx: Kysely<Ledger>,
  { media, variants }: MediaWithVariants,
  why: VersionRow['why'],
  dueAt: number,
  keep: Keep | undefined,
): Promise<RemovedKey[]> {
  const others = variants.map(({ key, bytes }) => ({ key, writableUntil: null, bytes: Number(bytes) }))
  const keys = [{ ...originalOf(media), bytes: Number(media.bytes) }, ...others]
  const isHeld = media.hold_reason !== null
  if (!keep && !isHeld) {
    const removed = keys.map(({ bytes: _, ...key }) => key)
    await scheduleDeletion(trx, removed, dueAt)
    return removed
  }
  const { now, until } = keep ?? { now: dueAt, until: dueAt }
  const due_at = isHeld ? heldUntil : until
  await scheduleKept(trx, media.id, keys, due_at)
  await trx
    .insertInto('version')
    .values({
      media_id: media.id,
      revision: media.revision,
      owner: media.owner,
      why,
      bytes: Number(media.bytes),
      ended_at: now,
      restorable_until: until,
      due_at,
      content: JSON.stringify(inNumbers({ media, variants })),
    })
    .execute()
  return []
}

/** Those that can be had again, the earliest first, locked until the transaction ends. */
export async function lockVersions(
  trx: Kysely<Ledger>,
  kind: DatabaseKind,
  id: string,
  owner: Owner,
): Promise<KeptVersion[]> {
  let query = trx
    .selectFrom('version')
    .selectAll()
    .where('media_id', '=', id)
    .where('content', 'is not', null)
    .orderBy('revision')
  if (owner !== anyOwner) query = query.where('owner', '=', owner)
  return (await (kind === 'postgres' ? query.forUpdate() : query).execute()).map(toKept)
}

/**
 * All that there is of a media, locked until the transaction ends: first its row, then its versions, wherever both are
 * needed. One that is restored or removed just now is found in the one place or the other.
 */
export async function lockAll(
  trx: Kysely<Ledger>,
  kind: DatabaseKind,
  id: string,
  owner: Owner,
): Promise<{ media: MediaRow | undefined; versions: KeptVersion[] }> {
  const look = async () => ({
    media: await lockMedia(trx, kind, id, owner),
    versions: await lockVersions(trx, kind, id, owner),
  })
  const first = await look()
  return first.media || removedOf(first.versions) ? first : look()
}

/** This state of this media. */
export const same = ({ media_id, revision }: Pick<VersionRow, 'media_id' | 'revision'>) =>
  sql<boolean>`media_id = ${media_id} and revision = ${revision}`

/** The state that a removal has ended. */
export const removedOf = (versions: KeptVersion[]) => versions.find(({ why }) => why !== 'replaced')

export const keysOf = ({ content: { media, variants } }: KeptVersion) => [
  media.key,
  ...variants.map(({ key }) => key),
]

/** @returns false where a key of it is the sweeper's by now: then all of it stays as it is */
export async function moveVersion(trx: Kysely<Ledger>, version: KeptVersion, to: number): Promise<boolean> {
  const keys = keysOf(version)
  const moved = await moveDeletion(trx, keys, { from: version.due_at, to })
  if (moved.length === keys.length) return true
  if (moved.length > 0) await moveDeletion(trx, moved, { from: to, to: version.due_at })
  return false
}

/** Gives versions up: their keys are due then. @returns those that are not the sweeper's already */
export async function deleteVersions(
  trx: Kysely<Ledger>,
  versions: KeptVersion[],
  { now, dueAt }: { now: number; dueAt: number },
): Promise<RemovedKey[]> {
  const keys: RemovedKey[] = []
  for (const version of versions) {
    const moved = await moveDeletion(trx, keysOf(version), {
      from: version.due_at,
      to: dueAt,
      isKept: false,
    })
    const original = originalOf(version.content.media)
    keys.push(...moved.map((key) => (key === original.key ? original : { key, writableUntil: null })))
    await trx.updateTable('version').set(goneSince(version.owner, now)).where(same(version)).execute()
  }
  return keys
}

/** Remembers that a media that was visible until now is gone for good. */
export async function rememberGone(trx: Kysely<Ledger>, { id, revision, owner }: MediaRow, now: number) {
  await trx
    .insertInto('version')
    .values({ media_id: id, revision, why: 'removed', bytes: 0, ended_at: now, ...goneSince(owner, now) })
    .execute()
}

/** All that stays of a state that can't be had any more. Of its owner a hash, so that nobody else is told. */
export function goneSince(owner: string, date: number) {
  return {
    owner: hashOwner(owner),
    restorable_until: date,
    due_at: date + rememberedFor,
    content: null,
  }
}

/** Read by a connection of the app's, int8 may be text. */
export function toKept(row: VersionRow): KeptVersion {
  return {
    ...row,
    bytes: Number(row.bytes),
    ended_at: Number(row.ended_at),
    restorable_until: Number(row.restorable_until),
    due_at: Number(row.due_at),
    content: JSON.parse(row.content ?? '') as VersionContent,
  }
}

function inNumbers({ media, variants }: VersionContent): VersionContent {
  const { bytes, created_at, taken_order, expires_at, writable_until, held_at } = media
  const orNull = (value: number | null) => (value === null ? null : Number(value))
  return {
    media: {
      ...media,
      bytes: Number(bytes),
      created_at: Number(created_at),
      taken_order: Number(taken_order),
      expires_at: orNull(expires_at),
      writable_until: orNull(writable_until),
      held_at: orNull(held_at),
    },
    variants: variants.map((one) => ({ ...one, bytes: Number(one.bytes) })),
  }
}
