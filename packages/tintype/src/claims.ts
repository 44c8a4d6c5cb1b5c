import type { Clock } from './clock.ts'
import { TintypeError } from './errors.ts'
import type { RunHook } from './hooks/run.ts'
import { isId } from './ids.ts'
import { absent, type MediaApi, ownerIn, type Whose } from './media-api.ts'
import type { FindClaim } from './options.ts'
import type { CallersTransaction } from './records/callers.ts'
import type { Records } from './records/records.ts'
import { ConfigError } from './settings/error.ts'
import { wrongKind } from './settings/shown.ts'

/** What of the app's own uses which media. */
export interface MediaClaims<Owner = string> {
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
   * Takes the claim back: from now on the media expires `claimWithin` later, unless it is claimed again. May be repeated.
   * @param options.by what has claimed it
   * @param options.trx takes effect when this transaction of the app commits
   * @throws {TintypeError} `not_found`; `conflict` when something else has claimed it
   */
  release(id: string, options: Whose<Owner> & { by: string; trx?: CallersTransaction }): Promise<void>
  /**
   * For records in another database than Tintype's, which no transaction can span: runs `insert`, then claims the media,
   * and tries that again where the database does not answer. When the media can't be claimed, `undo` takes the record
   * back. What a crash in between leaves is told by `findClaim`; see docs/records.md.
   * @param media ids, as the client or `req.media` has them
   * @param options.by what refers to them, such as `post:42`
   * @param options.insert makes the record
   * @param options.undo removes it
   * @returns what `insert` has returned
   * @throws {TintypeError} `not_found`, `conflict`, `database_unavailable`, after `undo`. What `insert` throws
   * @example await tintype.media.attach(photoId, { by: `post:${post.id}`, insert: () => posts.insert(post), undo: () => posts.remove(post) })
   */
  attach<Inserted>(
    media: string | readonly string[],
    options: Whose<Owner> & { by: string; insert(): Promise<Inserted>; undo(): Promise<unknown> },
  ): Promise<Inserted>
  /**
   * The way back: releases the media, runs `remove`, then removes the media. May be repeated, also when the first time has
   * gone half of the way.
   * @param options.by what refers to them
   * @param options.remove removes the record; may find that it is gone
   * @throws {TintypeError} `conflict` when something else has claimed one of them, `database_unavailable`. What `remove`
   * throws
   * @example await tintype.media.detach(photoId, { by: `post:${post.id}`, remove: () => posts.remove(post) })
   */
  detach(
    media: string | readonly string[],
    options: Whose<Owner> & { by: string; remove(): Promise<unknown> },
  ): Promise<void>
}

export interface MediaClaimsOptions {
  ledger: Pick<Records['ledger'], 'claim' | 'release'>
  remove: MediaApi['remove']
  clock: Clock
  /** Milliseconds. */
  claimWithin: number | undefined
}

const maxClaimLength = 255
const tries = 4
/** Before the second try; twice as many before each further one. Milliseconds. */
const firstPause = 100

export function createMediaClaims({ ledger, remove, clock, claimWithin }: MediaClaimsOptions): MediaClaims {
  async function claim(id: string, options: Parameters<MediaClaims['claim']>[1]): Promise<void> {
    const owner = ownerIn(options, 'by', 'trx')
    // Left out, it is a claim by nothing.
    const by = claimant(options?.by)
    demandFree(isId(id) ? await ledger.claim(id, owner, by, options.trx) : 'absent')
  }

  async function release(id: string, options: Parameters<MediaClaims['release']>[1]): Promise<void> {
    const owner = ownerIn(options, 'by', 'trx')
    const by = claimant(options?.by)
    const expiresAt = claimWithin === undefined ? null : clock.now() + claimWithin
    demandFree(isId(id) ? await ledger.release(id, owner, by, expiresAt, options.trx) : 'absent')
  }

  /** Claims, releases and removals may all be repeated: so where the database did not answer, they are. */
  async function persist(work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work()
        return
      } catch (error) {
        if (attempt === tries || !isUnavailable(error)) throw error
        await new Promise<void>((resume) => clock.after(firstPause * 2 ** (attempt - 1), resume))
      }
    }
  }

  /** Without it, what a crash leaves unclaimed would stay for ever. */
  function demandExpiry(name: string): void {
    if (claimWithin === undefined)
      throw new ConfigError(
        `${name}() needs the option claimWithin: by it what a crash leaves behind is removed.`,
      )
  }

  return {
    claim,
    release,

    async attach(media, options) {
      demandExpiry('attach')
      ownerIn(options, 'by', 'insert', 'undo')
      demandFunctions(options, 'insert', 'undo')
      const { insert, undo, ...claiming } = options
      claimant(claiming.by)
      const inserted = await insert()
      try {
        for (const id of idsIn(media)) await persist(() => claim(id, claiming))
      } catch (error) {
        await undo()
        throw error
      }
      return inserted
    },

    async detach(media, options) {
      demandExpiry('detach')
      ownerIn(options, 'by', 'remove')
      demandFunctions(options, 'remove')
      const { remove: removeRecord, ...releasing } = options
      const { by: _, ...whose } = releasing
      const ids = idsIn(media)
      for (const id of ids) await unlessGone(() => persist(() => release(id, releasing)))
      await removeRecord()
      for (const id of ids) await unlessGone(() => persist(() => remove(id, whose)))
    },
  }
}

/** Milliseconds. */
const longestAnswer = 30_000

/** Asks the app by {@link TintypeOptions.findClaim}, where it has one. */
export function createFindClaim(findClaim: FindClaim | undefined, run: RunHook) {
  if (findClaim === undefined) return undefined
  return (media: { id: string; owner: string }): Promise<string | undefined> =>
    run(
      'findClaim',
      async () => {
        const by = await findClaim(media)
        return by === null || by === undefined ? undefined : claimant(by)
      },
      { time: longestAnswer },
    )
}

function idsIn(media: string | readonly string[]): readonly string[] {
  if (typeof media === 'string') return [media]
  if (Array.isArray(media) && media.every((id) => typeof id === 'string')) return media
  throw wrongKind('The first argument', media, 'the id of a media, or a list of ids')
}

function demandFunctions(options: object, ...names: string[]): void {
  for (const name of names) {
    const given: unknown = (options as Record<string, unknown>)[name]
    if (typeof given !== 'function') throw wrongKind(name, given, 'a function')
  }
}

function claimant(by: unknown): string {
  if (typeof by === 'string' && by !== '' && by.length <= maxClaimLength) return by
  throw new TintypeError('invalid_parameter', `by has 1 to ${maxClaimLength} characters.`, {
    limit: maxClaimLength,
  })
}

function demandFree(outcome: 'claimed' | 'released' | 'absent' | 'taken'): void {
  if (outcome === 'absent') throw absent()
  if (outcome === 'taken') throw new TintypeError('conflict', 'Something else has claimed this media.')
}

async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof TintypeError) || error.code !== 'not_found') throw error
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'database_unavailable'
}
