import { hash } from 'node:crypto'
import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import { crashPoint } from '../crash-points.ts'
import { TintypeError } from '../errors.ts'
import { isImageName } from '../image-names.ts'
import type { Log } from '../log.ts'
import type { Change } from '../records/change-records.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import { anyOwner, type MediaRow, type VariantJobRow, type VariantRow } from '../records/schema.ts'
import type { Sweeper } from '../sweep/sweeper.ts'
import { traced } from '../traces/channels.ts'
import type { Picture } from '../variants/check-answer.ts'
import { posterName, readRecipe, type VariantSpec } from '../variants/variant-spec.ts'
import type { HandedOver } from './early.ts'
import type { MakePoster } from './make-poster.ts'
import type { MakeVariants } from './make-variants.ts'
import { variantSource } from './variant-source.ts'

export interface AttemptOptions {
  records: Pick<Records, 'variants' | 'ledger' | 'media'>
  bucket: Pick<Bucket, 'put' | 'makeKey'>
  make: MakeVariants
  makePoster: MakePoster
  /** What is made already. */
  handedOver: Pick<HandedOver, 'take'>
  sweeper: Pick<Sweeper, 'wake'>
  /** Hears of what pages are told that listen. @default nobody does */
  note?: ((change: Change) => void) | undefined
  clock: Clock
  log: Log
  /** Milliseconds until a key that was written to and not published is deleted. */
  deadline: number
  /** Milliseconds that a variant that is replaced stays readable. */
  grace: number
  /** 0 to 1, for the jitter of the back-off. @default Math.random */
  random?: () => number
}

export interface Outcome {
  /** Empty where they were not published. */
  made: VariantRow[]
  /** Why not. Undefined also where the media was removed or replaced meanwhile. */
  error?: unknown
}

/** Milliseconds that a lease lasts. */
export const lease = 120_000
/** Of it, what is left for writing and publishing. */
const storeTime = 45_000
/** A file that can't be made smaller is tried this often: its process may have been killed for another reason. */
const mostAttempts = 3
/** Milliseconds after which anything else is given up, too. */
const giveUpAfter = 3 * 86_400_000
const longestBackOff = 3_600_000
/** Milliseconds after which what found no memory, or no process, is tried again. */
const busyPause = 2000

/**
 * Makes what was leased of one media: its keys go on the sweep list before the first byte is written, and leave it in the
 * transaction that makes the variants visible, if the media still has the original that they were made of. Never throws.
 */
export type Attempt = (
  jobs: VariantJobRow[],
  options: {
    signal: AbortSignal
    isBackground: boolean
    /** What is made already. */
    pictures?: Picture[]
  },
) => Promise<Outcome>

export function createAttempt(options: AttemptOptions): Attempt {
  const {
    records,
    bucket,
    make,
    makePoster,
    handedOver,
    sweeper,
    note,
    clock,
    log,
    deadline,
    grace,
    random = Math.random,
  } = options
  const { variants, ledger } = records

  async function attempt(
    jobs: VariantJobRow[],
    { signal, isBackground, pictures: ready }: Parameters<Attempt>[1],
  ): Promise<VariantRow[]> {
    const [{ media_id, due_at }] = jobs as [VariantJobRow]
    crashPoint('variant.leased')
    const found = await records.media.find(media_id, anyOwner)
    if (!found) return []
    const timeLeft = () => due_at - storeTime - clock.now()
    const about = { signal, timeLeft, isBackground }
    const pictures = ready ?? (await makeAll(found, jobs, about))
    crashPoint('variant.made')
    return store(found.media, jobs, pictures)
  }

  async function makeAll(
    found: MediaWithVariants,
    jobs: VariantJobRow[],
    about: Parameters<MakeVariants>[2],
  ): Promise<Picture[]> {
    if (!jobs.some(({ name }) => name === posterName)) return makeRest(found, jobs.map(specOf), about)
    const made = await makePoster(found.media, about)
    return made.filter((one) => jobs.some(({ name }) => name === one.name))
  }

  async function makeRest(
    found: MediaWithVariants,
    specs: VariantSpec[],
    about: Parameters<MakeVariants>[2],
  ): Promise<Picture[]> {
    const early = await handedOver.take(found.media.key, specs)
    const rest = specs.filter((spec) => !early.some(({ name }) => name === spec.name))
    return rest.length === 0 ? early : [...early, ...(await make(variantSource(found, rest), rest, about))]
  }

  async function store(media: MediaRow, jobs: VariantJobRow[], pictures: Picture[]): Promise<VariantRow[]> {
    const dueAt = clock.now() + deadline
    const planned = pictures.map((picture) => ({
      ...picture,
      // Those on demand have their format in their name.
      key: bucket.makeKey(picture.name.replace(/\..*/, ''), picture.ext),
    }))
    const keys = planned.map(({ key }) => key)
    const pending = keys.map((key) => ({ key, dueAt }))
    let committing = false
    await ledger.reserve(keys, dueAt)
    crashPoint('variant.reserved')
    try {
      // Ends before the lease, and well before the sweeper comes.
      const limit = new AbortController()
      const cancelLimit = clock.after(Math.min(storeTime, Math.ceil(deadline / 2)) / 2, () => limit.abort())
      const writes = await Promise.allSettled(planned.map((one) => put(one, limit.signal)))
      cancelLimit()
      for (const one of writes) if (one.status === 'rejected') throw one.reason
      crashPoint('variant.stored')
      const rows = planned.map((one) => toRow(media.id, one))
      const made = { mediaId: media.id, originalKey: media.key, jobs, variants: rows, pending }
      committing = true
      if (await variants.publish(made, clock.now() + grace)) {
        crashPoint('variant.published')
        log.info('variants.made', { id: media.id, names: rows.map(({ name }) => name) })
        if (rows.some(({ name }) => !isImageName(name)))
          note?.({ owner: media.owner, id: media.id, kind: 'changed' })
        return rows
      }
      committing = false
      await giveUpKeys(keys, true)
      return []
    } catch (error) {
      // After a COMMIT without an answer they may be published: then they have left the list, and stay off it.
      await giveUpKeys(keys, !committing)
      throw error
    }
  }

  const put = ({ key, bytes, type }: Picture & { key: string }, signal: AbortSignal) =>
    bucket.put(key, bytes, { type, sha256: hash('sha256', bytes, 'hex'), signal })

  async function giveUpKeys(keys: string[], isCertain: boolean): Promise<void> {
    try {
      await ledger[isCertain ? 'scheduleDeletion' : 'discard'](keys, clock.now())
    } catch (error) {
      // They stay scheduled for deletion, and go when their deadline comes.
      log.error('discard.failed', { keys, error })
    }
    sweeper.wake()
  }

  async function failed(jobs: VariantJobRow[], error: unknown, signal: AbortSignal): Promise<void> {
    const now = clock.now()
    const about = { id: jobs[0]?.media_id, names: jobs.map(({ name }) => name) }
    if (signal.aborted) return variants.postpone(jobs, now)
    const known = error instanceof TintypeError ? error : undefined
    if (known?.code === 'overloaded' || known?.code === 'shutting_down')
      return variants.postpone(jobs, now + Math.round(busyPause * (1 + random())))
    const why = {
      code: known?.code ?? 'internal',
      message: error instanceof Error ? error.message : String(error),
    }
    const attempts = Math.max(...jobs.map((job) => job.attempts)) + 1
    const since = Math.min(...jobs.map(({ created_at }) => created_at))
    const isOfTheFile = known !== undefined && known.status < 500
    if ((isOfTheFile && attempts >= mostAttempts) || now - since >= giveUpAfter) {
      log.error('variants.given_up', { ...about, attempts, error })
      return variants.giveUp(jobs, now, why)
    }
    const until = now + Math.round(Math.min(1000 * 2 ** (attempts - 1), longestBackOff) * (1 - random() / 2))
    log.warn('variants.postponed', { ...about, attempts, until: new Date(until), error })
    return variants.postpone(jobs, until, why)
  }

  return async (jobs, about) => {
    try {
      const describe = () => ({ media: jobs[0]?.media_id ?? '', names: jobs.map(({ name }) => name) })
      return { made: await traced('variants', describe, () => attempt(jobs, about)) }
    } catch (error) {
      await failed(jobs, error, about.signal).catch((failure: unknown) => {
        // They stay leased, and are tried again when the lease ends.
        log.warn('variants.not_postponed', { id: jobs[0]?.media_id, error: failure })
      })
      return { made: [], error }
    }
  }
}

function specOf({ name, recipe }: VariantJobRow): VariantSpec {
  const spec = readRecipe(name, recipe)
  if (spec) return spec
  throw new TintypeError(
    'internal',
    `A later version of Tintype asks for "${recipe}", which is not known here.`,
  )
}

function toRow(mediaId: string, picture: Picture & { key: string }): VariantRow {
  const { name, key, type, bytes, width, height, recipe } = picture
  return { media_id: mediaId, name, key, type, bytes: bytes.length, width, height, recipe }
}
