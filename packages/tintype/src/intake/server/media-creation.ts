import type { Media } from '@tintype/protocol'
import { isId } from '../../ids.ts'
import { absent, demandOwner, ownerIn } from '../../media-api.ts'
import { checkAlt, checkCaption, checkData } from '../../record-checks.ts'
import type { CallersTransaction } from '../../records/callers.ts'
import type { LedgerMoves } from '../../records/ledger.ts'
import type { MediaRecords, MediaWithVariants } from '../../records/media-records.ts'
import type { MediaRow } from '../../records/schema.ts'
import { refuseUnknown } from '../../settings/read.ts'
import { wrongKind } from '../../settings/shown.ts'
import type { ArrivedFile } from '../files.ts'
import type { Ticket } from '../finish.ts'
import type { Intake } from '../form/intake.ts'
import { hashRequest, type Idempotency, makeOnce } from '../idempotency.ts'
import { closingAfter, type MediaSource, sourceOf } from './source.ts'

/** The owner that the file gets, and what is said of it. */
export interface CreateOptions<Owner = string, Data = unknown> {
  /** As `authenticate` returns it. */
  owner: Owner
  /** For display. @default what the source says: of a `File`, a path, or Multer's file object */
  name?: string | undefined
  /** Text beside it. @default none */
  caption?: string | null | undefined
  /** What it shows, for those who don't see it. @default none */
  alt?: string | null | undefined
  /** What the app keeps with it: any JSON of at most 8 KB. @default none */
  data?: Data | null | undefined
  /**
   * It becomes visible when this transaction of the app commits; when it rolls back, the objects are swept. The transaction is
   * open while the file is checked and stored, so it is better to create the media first and to `claim` it inside.
   * docs/transactions.md
   */
  trx?: CallersTransaction | undefined
  /** The same key and the same file give the same media; the same key and another file are `idempotency_mismatch`. */
  idempotencyKey?: string | undefined
  /** Gives the file up: nothing of it is left. */
  signal?: AbortSignal | undefined
}

/** Media of files that the app has itself. */
export interface MediaCreation<Owner = string, Data = unknown> {
  /**
   * Makes media of a file that the app has: checked, stored and published as one that a form has brought. Large videos
   * are streamed to S3. Bytes in memory are not copied: leave them as they are until this has ended.
   * @param source is read to its end, and closed. One that breaks off, stalls or throws leaves nothing
   * @throws {TintypeError} as uploads are refused: `unsupported_type`, `too_large`, `not_decodable`, ...; `no_file`
   * where the source is `undefined`; `source_failed` when it can't be read to its end
   * @example const media = await tintype.media.create({ path: 'import/beach.jpg' }, { owner: user.id })
   */
  create(source: MediaSource, options: CreateOptions<Owner, Data>): Promise<Media<Data>>
  /**
   * Gives a media new bytes. Its id, caption and claim stay; readers see the old bytes or the new.
   * @param options.owner give it whenever the id came from a client. @default media of any owner
   * @throws {TintypeError} `not_found`, and as {@link MediaCreation.create}
   * @example await tintype.media.replace(id, { path: 'larger.jpg' })
   */
  replace(
    id: string,
    source: MediaSource,
    options?: { owner?: Owner; name?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Media<Data>>
}

export interface MediaCreationOptions {
  intake: Pick<Intake, 'receiveSource' | 'create' | 'replace'>
  idempotency: Idempotency
  media: Pick<MediaRecords, 'find'>
  ledger: Pick<LedgerMoves, 'demandWritableBeside'>
  present(made: MediaWithVariants): Promise<Media>
}

export function createMediaCreation(options: MediaCreationOptions): MediaCreation {
  const { intake, idempotency, media, ledger, present } = options

  /** Reads the source and lets `work` publish it; closes it in the end. */
  async function receive<T>(
    given: MediaSource,
    { owner, name, signal }: Pick<CreateOptions, 'owner' | 'name' | 'signal'>,
    more: { replaces?: MediaRow; isRepeated?: () => Promise<boolean>; isHandedOver?: boolean },
    work: (file: ArrivedFile, origin: ServerOrigin) => Promise<T>,
  ): Promise<T> {
    const source = await sourceOf(given, name)
    try {
      const origin = {
        owner,
        way: 'server',
        fields: {},
        request: undefined,
        signal: signal ?? new AbortController().signal,
      } as const
      origin.signal.throwIfAborted()
      return await intake.receiveSource(source, { ...origin, ...more }, (file, memory) =>
        work(file, { ...origin, memory }),
      )
    } finally {
      if ('close' in source) source.close()
    }
  }

  const creation: MediaCreation = {
    async create(given, options) {
      checkOptions(options, ['owner', 'name', 'caption', 'alt', 'data', 'trx', 'idempotencyKey', 'signal'])
      const { owner, idempotencyKey, trx } = options
      demandOwner(owner)
      const about = {
        caption: checkCaption(options.caption),
        alt: checkAlt(options.alt),
        data: checkData(options.data),
      }
      const request =
        idempotencyKey === undefined ? undefined : idempotency.begin(owner, idempotencyKey, 'media.create')
      try {
        if (trx !== undefined) await ledger.demandWritableBeside(trx)
        const more = { isHandedOver: trx !== undefined, ...(request && { isRepeated: request.isRepeated }) }
        const { made } = await receive(given, options, more, (file, origin) => {
          // Keys of earlier versions hold: what is not given is not hashed.
          const said = about.alt === null && about.data === null ? [] : [about.alt, about.data]
          const hash = () => hashRequest([file], about.caption, said)
          return makeOnce(request, hash, async (once) => ({
            made: await intake.create([file], { ...origin, ...about, once, trx }),
            scanning: [],
          }))
        })
        return await present(made[0] as MediaWithVariants)
      } finally {
        request?.end()
      }
    },

    async replace(id, given, options = {}) {
      checkOptions(options, ['owner', 'name', 'signal'])
      const whose = ownerIn(options, 'name', 'signal')
      const old = isId(id) ? await media.find(id, whose) : undefined
      if (!old) throw absent()
      const from = { ...options, owner: old.media.owner }
      const next = await receive(given, from, { replaces: old.media }, (file, origin) =>
        intake.replace(id, origin, file),
      )
      return present(next)
    },
  }
  return {
    create: (given, options) => closingAfter(given, () => creation.create(given, options)),
    replace: (id, given, options) => closingAfter(given, () => creation.replace(id, given, options)),
  }
}

type ServerOrigin = Omit<Ticket, 'caption' | 'alt' | 'data' | 'once' | 'uploadId' | 'trx'>

/** @throws {ConfigError} */
function checkOptions(options: Partial<CreateOptions>, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw wrongKind('The last argument', options, 'an object, such as { owner: user.id }')
  refuseUnknown(names, options)
  const { name, trx, idempotencyKey, signal } = options
  if (name !== undefined && typeof name !== 'string') throw wrongKind('name', name, 'a string')
  if (idempotencyKey !== undefined && typeof idempotencyKey !== 'string')
    throw wrongKind('idempotencyKey', idempotencyKey, 'a string')
  if (trx !== undefined && (typeof trx !== 'object' || trx === null))
    throw wrongKind('trx', trx, 'a transaction that the app has begun')
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrongKind('signal', signal, 'an AbortSignal')
}
