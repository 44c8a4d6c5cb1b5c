import type { Media, MediaPage } from '@tintype/protocol'
import type { Bucket } from './bucket/bucket.ts'
import type { Clock } from './clock.ts'
import { crashPoint } from './crash-points.ts'
import { TintypeError } from './errors.ts'
import { isId } from './ids.ts'
import { savedName } from './inspect/name.ts'
import type { Log } from './log.ts'
import { checkCaption } from './record-checks.ts'
import type { CallersTransaction } from './records/callers.ts'
import type { MediaWithVariants, Position } from './records/media-records.ts'
import type { Records } from './records/records.ts'
import { anyOwner, type Owner } from './records/schema.ts'
import { ConfigError } from './settings/error.ts'
import { refuseUnknown } from './settings/read.ts'
import { wrong, wrongKind } from './settings/shown.ts'
import type { Sweeper } from './sweep/sweeper.ts'

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
   * One photo or video, with fresh signed URLs.
   * @returns undefined when there is none, or it belongs to another owner
   */
  get(id: string, whose?: Whose<Owner>): Promise<Media<Data> | undefined>
  /**
   * A page of an owner's media, newest first; files of one form in the order of the form.
   * @param query.limit 1 to 1000, default 50
   * @param query.cursor `next` of the page before
   * @throws {TintypeError} `invalid_parameter`
   */
  list(query: { owner: Owner; limit?: number; cursor?: string }): Promise<MediaPage<Data>>
  /**
   * Changes the caption; null removes it.
   * @throws {TintypeError} `not_found`, `invalid_parameter`
   */
  setCaption(id: string, caption: string | null, whose?: Whose<Owner>): Promise<Media<Data>>
  /**
   * Removes the media from every list at once, then deletes its objects.
   * @param options.trx takes effect when this transaction of the app commits; the objects are deleted within a minute
   * after that. When it rolls back, nothing has happened
   * @returns `gone`: whether the objects are deleted by now; if not, the sweeper goes on until they are
   * @throws {TintypeError} `not_found`; `conflict` when a foreign key of the app's own tables refers to it
   */
  remove(id: string, options?: Whose<Owner> & { trx?: CallersTransaction }): Promise<{ gone: boolean }>
  /**
   * Records what refers to this media, for instance a row of the app's own. From then on it doesn't expire (see
   * `claimWithin`). The same claim may be repeated. Give `owner` whenever the id came from a client.
   * @param options.by what refers to it, at most 255 characters
   * @param options.trx takes effect when this transaction of the app commits
   * @throws {TintypeError} `not_found`; `conflict` when something else has claimed it
   * @example await tintype.media.claim(photoId, { by: `post:${post.id}`, owner: user.id, trx: client })
   */
  claim(id: string, options: Whose<Owner> & { by: string; trx?: CallersTransaction }): Promise<void>
  /**
   * A fresh signed URL, valid for `times.signRead`.
   * @param variant `thumb`, or `original`, the default
   * @param options.download browsers save the file instead of showing it
   * @throws {TintypeError} `not_found`
   */
  url(id: string, variant?: string, options?: Whose<Owner> & { download?: boolean }): Promise<string>
}

/**
 * Turns a URL that is signed for the embedded S3 into one that leads to where the app is reached; leaves those of a bucket
 * as they are.
 */
export type Lead = (url: string) => string

export interface MediaApiOptions {
  records: Records
  bucket: Bucket
  sweeper: Sweeper
  clock: Clock
  log: Log
  lead: Lead
}

const defaultPageSize = 50
const maxClaimLength = 255
/** Milliseconds within which most transactions of an app commit. */
const afterCommit = 1000
const largestPageSize = 1000

export function createMediaApi({ records, bucket, sweeper, clock, log, lead }: MediaApiOptions): MediaApi {
  const find = async (id: string, owner: Owner) => (isId(id) ? records.media.find(id, owner) : undefined)

  /** A connection that broke during COMMIT leaves the outcome unknown: it is read back. */
  async function removeOrReadBack(id: string, owner: Owner, leaseEnd: number) {
    const existed = await records.media.find(id, owner)
    try {
      return await records.ledger.remove(id, owner, leaseEnd)
    } catch (error) {
      if (!existed || (await records.media.find(id, owner))) throw error
      return 'scheduled'
    }
  }

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
      const found = await find(id, ownerIn(whose))
      return found && present(found, bucket, lead)
    },

    async list(query) {
      const { owner, limit = defaultPageSize, cursor, ...others } = query ?? {}
      refuseUnknown(['owner', 'limit', 'cursor'], others)
      demandOwner(owner)
      if (!Number.isInteger(limit) || limit < 1 || limit > largestPageSize) {
        throw new TintypeError('invalid_parameter', `limit is a whole number from 1 to ${largestPageSize}.`, {
          limit: largestPageSize,
        })
      }
      // One more than asked for tells whether there is a next page.
      const rows = await records.media.list(
        owner,
        limit + 1,
        cursor === undefined ? undefined : parseCursor(cursor),
      )
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1)?.media : undefined
      return {
        media: await Promise.all(page.map((row) => present(row, bucket, lead))),
        next: last ? formatCursor({ createdAt: last.created_at, id: last.id }) : null,
      }
    },

    async setCaption(id, caption, whose) {
      const owner = ownerIn(whose)
      const changed = isId(id) && (await records.media.setCaption(id, owner, checkCaption(caption)))
      const found = changed ? await find(id, owner) : undefined
      if (!found) throw absent()
      return present(found, bucket, lead)
    },

    async remove(id, options = {}) {
      const owner = ownerIn(options, 'trx')
      const { trx } = options
      if (trx) {
        const scheduled = isId(id) && (await records.ledger.remove(id, owner, clock.now(), { trx }))
        if (!scheduled) throw absent()
        clock.after(afterCommit, () => void lookForCommit(id))
        return { gone: false }
      }
      const leaseEnd = clock.now() + sweeper.lease
      const keys = isId(id) ? await removeOrReadBack(id, owner, leaseEnd) : undefined
      if (!keys) throw absent()
      crashPoint('remove.committed')
      const gone = keys !== 'scheduled' && (await sweeper.sweepKeys(keys, leaseEnd))
      crashPoint('remove.deleted')
      log.info('media.removed', { id, gone })
      return { gone }
    },

    async claim(id, options) {
      const owner = ownerIn(options, 'by', 'trx')
      // Left out, it is a claim by nothing.
      const { by, trx } = options ?? {}
      if (typeof by !== 'string' || by === '' || by.length > maxClaimLength) {
        throw new TintypeError('invalid_parameter', `by has 1 to ${maxClaimLength} characters.`, {
          limit: maxClaimLength,
        })
      }
      const outcome = isId(id) ? await records.ledger.claim(id, owner, by, trx) : 'absent'
      if (outcome === 'absent') throw absent()
      if (outcome === 'taken') throw new TintypeError('conflict', 'Something else has claimed this media.')
    },

    async url(id, variant = 'original', options = {}) {
      const owner = ownerIn(options, 'download')
      const { download = false } = options
      const found = await find(id, owner)
      if (found && variant === 'original') {
        const { key, type, name } = found.media
        return lead(await bucket.viewUrl(key, { type, name: savedName(name, type), download }))
      }
      const copy = found?.variants.find((one) => one.name === variant)
      if (!found || !copy) throw absent()
      const name = savedName(found.media.name, copy.type)
      return lead(await bucket.viewUrl(copy.key, { type: copy.type, name, download }))
    },
  }
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

/** The wire form of a row, with signed URLs. */
export async function present(
  { media, variants }: MediaWithVariants,
  bucket: Pick<Bucket, 'viewUrl'>,
  lead: Lead,
): Promise<Media> {
  const { name } = media
  const view = async (key: string, type: string) =>
    lead(await bucket.viewUrl(key, { type, name: savedName(name, type) }))
  const original = await view(media.key, media.type)
  const others = await Promise.all(variants.map(async (v) => [v.name, await view(v.key, v.type)]))
  return {
    id: media.id,
    kind: media.kind,
    type: media.type,
    bytes: media.bytes,
    sha256: media.sha256,
    width: media.width,
    height: media.height,
    ...(media.duration === null ? {} : { duration: media.duration }),
    name,
    caption: media.caption,
    alt: media.alt,
    data: media.data === null ? null : JSON.parse(media.data),
    placeholder: media.placeholder,
    createdAt: new Date(media.created_at).toISOString(),
    urls: { original, ...Object.fromEntries(others) },
  }
}

/** Opaque to clients: base36 of the time, a dot, the id; in base64url. */
function formatCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.toString(36)}.${id}`).toString('base64url')
}

function parseCursor(cursor: string): Position {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split('.')
  const position = { createdAt: Number.parseInt(time, 36), id }
  if (!isId(id) || !Number.isSafeInteger(position.createdAt) || formatCursor(position) !== cursor) {
    throw new TintypeError('invalid_parameter', 'This cursor is not one of ours. Begin with the first page.')
  }
  return position
}

export function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such photo or video.')
}
