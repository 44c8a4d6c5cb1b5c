import { type Media, type MediaPage, savedName } from '@tintype/protocol'
import type { Bucket } from './bucket/bucket.ts'
import type { Clock } from './clock.ts'
import { crashPoint } from './crash-points.ts'
import type { Derivation } from './derive/derive.ts'
import { changedMeanwhile, TintypeError } from './errors.ts'
import { isId } from './ids.ts'
import type { Log } from './log.ts'
import {
  formatCursor,
  type MediaQuery,
  type MediaSelection,
  positionOf,
  searchNames,
  selectionNames,
  toFilter,
  toPage,
} from './media-query.ts'
import { type RemovedAll, removeAllOf } from './media-removal.ts'
import { type Lead, present, sharedOriginal } from './present.ts'
import { checkChange, type MediaUpdate } from './record-checks.ts'
import type { CallersTransaction } from './records/callers.ts'
import type { Change } from './records/change-records.ts'
import type { MediaWithVariants } from './records/media-records.ts'
import type { Records } from './records/records.ts'
import { anyOwner, type Owner, type VariantRow } from './records/schema.ts'
import { ConfigError } from './settings/error.ts'
import { refuseUnknown } from './settings/read.ts'
import { wrong, wrongKind } from './settings/shown.ts'
import type { Sweeper } from './sweep/sweeper.ts'
import { keepFor } from './undo-window.ts'

/** Restricts a call to the media of one owner. */
export interface Whose<Owner = string> {
  /** As `authenticate` returned it. Give it whenever the id came from a client. @default media of any owner */
  owner?: Owner
}

/**
 * Media for the app's own code. An id that doesn't exist and one of another owner give the same answer.
 *
 * @example
 * const media = await tintype.media.get(id, { owner: user.id })
 */
export interface MediaApi<Owner = string, Data = unknown> {
  /**
   * One photo or video, with fresh signed URLs. Without `owner`, `original` is for anybody's eyes: of a media that is
   * `cleaned.unsure` it leads to the largest variant.
   * @returns undefined when there is none, or it belongs to another owner
   */
  get(id: string, whose?: Whose<Owner>): Promise<Media<Data> | undefined>
  /**
   * A page of media, newest first where nothing else is said; files of one form in the order of the form. Give `owner`
   * for what a user sees: without it they are those of everybody.
   * @throws {TintypeError} `invalid_parameter`
   * @example const { media, next } = await tintype.media.list({ owner: user.id, kind: 'video', limit: 20 })
   */
  list(query?: MediaQuery<Owner>): Promise<MediaPage<Data>>
  /**
   * How many there are. Each of them is read off an index, so a million cost a thousand times what a thousand do; but to count
   * everybody's photos (`kind: 'image'` and no owner) reads the whole table.
   * @throws {TintypeError} `invalid_parameter`
   */
  count(selection?: MediaSelection<Owner>): Promise<number>
  /**
   * Changes what is given; null removes it.
   * @param options.revision only if it still has this `revision`. Of several that try at once one succeeds
   * @throws {TintypeError} `not_found`, `invalid_parameter`; `precondition_failed` with `current`, what is there now
   * @example await tintype.media.update(id, { alt: 'A beach at dusk' }, { owner: user.id, revision: media.revision })
   */
  update(
    id: string,
    change: MediaUpdate<Data>,
    options?: Whose<Owner> & { revision?: number | readonly number[] | undefined },
  ): Promise<Media<Data>>
  /**
   * Removes all media of one owner, and cancels the direct uploads in progress: for closing an account. See to it first
   * that nobody is signed in for it any more. After a crash or an error call it again: it goes on.
   * @param whose.final deletes for good, whatever `times.undo` says, also what was removed before: for those who may ask for that
   * by law. @default false
   * @example await tintype.media.removeAll({ owner: user.id, final: true })
   */
  removeAll(whose: { owner: Owner; final?: boolean | undefined }): Promise<RemovedAll>
  /**
   * Removes the media from every list at once, then deletes its objects: at once, or when `times.undo` is over. Until then it
   * can be had again ({@link MediaUndo.restore}).
   * @param options.final deletes for good, whatever `times.undo` says, with its earlier versions; also what was removed before
   * @param options.trx takes effect when this transaction of the app commits; the objects are deleted within a minute
   * after that. When it rolls back, nothing has happened
   * @returns `gone`: whether the objects are deleted by now; if not, the sweeper goes on until they are.
   * `restorableUntil`: until when it can be had again, as RFC 3339; left out where it can't
   * @param options.revision only if it still has this `revision`; the error has no `current` where `trx` is given
   * @throws {TintypeError} `not_found`; `conflict` when a foreign key of the app's own tables refers to it;
   * `precondition_failed` with `current`, what is there now; `held`, where `final` meets a legal hold
   */
  remove(
    id: string,
    options?: Whose<Owner> & {
      trx?: CallersTransaction
      revision?: number | readonly number[] | undefined
      final?: boolean | undefined
    },
  ): Promise<{ gone: boolean; restorableUntil?: string }>
  /**
   * A fresh signed URL, valid for `times.signRead`. Without `owner`, `original` is for anybody's eyes, as with `get`.
   * @param variant `original`, the default, or a name of the option `variants`. One that is not made yet is made now
   * @param options.download browsers save the file instead of showing it
   * @throws {TintypeError} `not_found`; where it has to be made `overloaded`, and why it can't be
   */
  url(id: string, variant?: string, options?: Whose<Owner> & { download?: boolean }): Promise<string>
}

export interface MediaApiOptions {
  records: Records
  bucket: Bucket
  sweeper: Sweeper
  variants: Pick<Derivation, 'askFor'>
  /** Hears of what pages are told that listen. */
  note(change: Change): void
  clock: Clock
  log: Log
  lead: Lead
  /** Milliseconds in which what is removed can be had again. @default 0 */
  undo?: number
}

type HowRemoved = Parameters<Records['ledger']['remove']>[3]

/** Milliseconds within which most transactions of an app commit. */
const afterCommit = 1000

export function createMediaApi(options: MediaApiOptions): MediaApi {
  const { records, bucket, sweeper, variants, note, clock, log, lead, undo = 0 } = options
  const find = async (id: string, owner: Owner) => (isId(id) ? records.media.find(id, owner) : undefined)

  /** A connection that broke during COMMIT leaves the outcome unknown: it is read back. */
  async function removeOrReadBack(id: string, owner: Owner, leaseEnd: number, how: HowRemoved) {
    const existed = await records.media.find(id, owner)
    try {
      return await records.ledger.remove(id, owner, leaseEnd, how)
    } catch (error) {
      const current = existed && (await records.media.find(id, owner))
      if (isPreconditionFailed(error)) throw current ? await changed(current, owner) : absent()
      if (!existed || current) throw error
      return []
    }
  }

  /** Where nobody says whose it is, it may be on its way to anybody. */
  const show = (found: MediaWithVariants, owner: Owner) =>
    present(found, bucket, lead, { forOthers: owner === anyOwner })

  const changed = async (found: MediaWithVariants, owner: Owner) => changedMeanwhile(await show(found, owner))

  /** The app's commit is not reported to us. The sweeper's own rounds find what is committed later. */
  async function lookForCommit(id: string): Promise<void> {
    sweeper.wake()
    try {
      if (!(await records.media.find(id, anyOwner))) log.info('media.removed', { id, gone: false })
    } catch {
      // Closed meanwhile, or without a database: the log lacks a line.
    }
  }

  return {
    async get(id, whose) {
      const owner = ownerIn(whose)
      const found = await find(id, owner)
      return found && show(found, owner)
    },

    async list(query = {}) {
      const owner = ownerIn(query, ...selectionNames, ...searchNames, 'order', 'limit', 'cursor')
      const filter = toFilter(owner, query)
      const { limit, ...at } = toPage(query)
      const { taken } = at
      // One more than asked for tells whether there is a next page.
      const rows =
        filter.ids?.length === 0 ? [] : await records.media.list(filter, { ...at, limit: limit + 1 })
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1)?.media : undefined
      return {
        media: await Promise.all(page.map((row) => show(row, owner))),
        next: last ? formatCursor(positionOf(last, taken)) : null,
      }
    },

    async count(selection = {}) {
      const filter = toFilter(ownerIn(selection, ...selectionNames), selection)
      return filter.ids?.length === 0 ? 0 : records.media.count(filter)
    },

    async update(id, change, options = {}) {
      const owner = ownerIn(options, 'revision')
      const checked = checkChange(change)
      const isChanged = isId(id) && (await records.media.update(id, owner, checked, revisionsIn(options)))
      const found = await find(id, owner)
      if (!found) throw absent()
      if (!isChanged) throw await changed(found, owner)
      note({ owner: found.media.owner, id, kind: 'changed' })
      return show(found, owner)
    },

    async removeAll(whose) {
      demandOwner(whose?.owner)
      refuseUnknown(['owner', 'final'], whose)
      return removeAllOf(whose, { records, sweeper, clock, log, undo })
    },

    async remove(id, options = {}) {
      const owner = ownerIn(options, 'trx', 'revision', 'final')
      const { trx } = options
      const now = clock.now()
      const keep = options.final ? undefined : keepFor(undo, clock)
      const restorable = keep ? { restorableUntil: new Date(keep.until).toISOString() } : {}
      const how = { revisions: revisionsIn(options), keep, final: options.final ? { now } : undefined }
      if (trx) {
        const scheduled = isId(id) && (await records.ledger.remove(id, owner, now, { ...how, trx }))
        if (!scheduled) throw absent()
        clock.after(afterCommit, () => void lookForCommit(id))
        return { gone: false, ...restorable }
      }
      const leaseEnd = now + sweeper.lease
      const keys = isId(id) ? await removeOrReadBack(id, owner, leaseEnd, how) : undefined
      if (!keys) throw absent()
      crashPoint('remove.committed')
      // There are none where they are kept, or where the answer to the COMMIT was lost.
      const gone = keys.length > 0 && (await sweeper.sweepKeys(keys, leaseEnd))
      crashPoint('remove.deleted')
      log.info('media.removed', { id, gone, ...restorable })
      return { gone, ...restorable }
    },

    async url(id, variant = 'original', options = {}) {
      const owner = ownerIn(options, 'download')
      const { download = false } = options
      const found = await find(id, owner)
      if (found && variant === 'original') {
        const original = owner === anyOwner ? sharedOriginal(found) : found.media
        if (!original) throw absent()
        const { key, type } = original
        return lead(await bucket.viewUrl(key, { type, name: savedName(found.media.name, type), download }))
      }
      const made = found?.variants.find((one) => one.name === variant)
      const copy = made ?? (found && (await variants.askFor(found, variant)))
      if (!found || !copy) throw absent()
      return lead(await variantUrl(found.media.name, copy, bucket, { download }))
    },
  }
}

/** Signed for a variant, which is called as its media is. */
export function variantUrl(
  called: string,
  { key, type }: Pick<VariantRow, 'key' | 'type'>,
  bucket: Pick<Bucket, 'viewUrl'>,
  { download = false }: { download?: boolean } = {},
): Promise<string> {
  return bucket.viewUrl(key, { type, name: savedName(called, type), download })
}

/**
 * Left out, it is anybody's. Given, it has to be somebody: the id of a user who is not signed in is often `undefined`, and
 * that must not open everybody's media.
 *
 * @param others what else may be said
 * @throws {ConfigError}
 */
export function ownerIn(options: Whose = {}, ...others: string[]): Owner {
  if (typeof options !== 'object' || options === null)
    throw wrongKind('The last argument', options, 'an object, such as { owner: user.id }')
  refuseUnknown(['owner', ...others], options)
  if (!('owner' in options)) return anyOwner
  demandOwner(options.owner)
  return options.owner
}

/** @throws {ConfigError} */
export function demandOwner(owner: unknown): asserts owner is string {
  if (typeof owner === 'string' && owner !== '') return
  if (owner !== undefined && owner !== null && owner !== '')
    throw wrong('owner', owner, 'a string: write String(user.id) where ids are numbers')
  throw new ConfigError(
    'owner has no value: was nobody signed in? It has to be the id that authenticate answers with.',
  )
}

/** The revisions of which it has to have one; undefined where any will do. */
export function revisionsIn({ revision }: { revision?: number | readonly number[] | undefined }) {
  return revision === undefined ? undefined : [revision].flat()
}

function isPreconditionFailed(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'precondition_failed'
}

export function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
