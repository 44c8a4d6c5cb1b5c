import { createHash } from 'node:crypto'
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RateCounts } from '../records/rate-counts.ts'

/** How often, and within which time: it begins with the first, and when it is over everything counts anew. */
export interface Rate {
  /** 1 to 1,000,000. */
  count: number
  /** 1 to 86,400. */
  seconds: number
}

/** Counts by keys, such as owners or addresses. */
export interface RateLimit {
  /**
   * Counts one.
   * @throws {TintypeError} `too_many_requests`, with the time after which it is worth asking again
   */
  demand(key: string): Promise<void>
  /** Counts one less: for a sign-in that has succeeded. */
  giveBack(key: string): Promise<void>
  /**
   * Counts nothing, and asks no database.
   * @throws {TintypeError} `too_many_requests` where this process knows that the key has used up what it may
   */
  check(key: string): Promise<void>
}

/** @param name two limits of one name count together, in all processes */
export type MakeRateLimit = (name: string, rate: Rate) => RateLimit

/** Milliseconds. A database that says nothing keeps nobody waiting. */
const patience = 2000

/**
 * Counts are kept in memory, and on Postgres where several processes share them. A database that fails locks nobody out:
 * then each process counts for itself.
 */
export function createRateLimits({
  counts,
  clock,
  log,
}: {
  /** Undefined: in memory. */
  counts: RateCounts | undefined
  clock: Clock
  log: Log
}): MakeRateLimit {
  function query(text: Parameters<RateCounts['query']>[0]) {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const cancel = clock.after(patience, () => reject(new Error('The database does not answer in time.')))
    return Promise.race([(counts as RateCounts).query(text), late])
      .catch((error: unknown) => {
        log.warn('rates.not_shared', { error })
        throw error
      })
      .finally(cancel)
  }

  let asked = 0
  /** What nobody has asked for since would stay for ever. */
  function forgetNowAndThen(): void {
    if (++asked % 1000 === 0) void counts?.forget(Date.now()).catch(() => {})
  }

  return (name, { count: points, seconds: duration }) => {
    const made = make()
    // Told to those who wait for it.
    made.catch(() => {})

    async function make() {
      const { RateLimiterMemory, RateLimiterPostgres } = await import('rate-limiter-flexible')
      const common = { keyPrefix: name, points, duration }
      /** What this process knows: all there is, or those that have used up what they may. */
      const known = new RateLimiterMemory(common)
      if (!counts) return { known, shared: known }
      const shared = new RateLimiterPostgres({
        ...common,
        storeClient: { query },
        storeType: 'pool',
        tableName: counts.table,
        schemaName: counts.schema as string,
        tableCreated: true,
        clearExpiredByTimeout: false,
        insuranceLimiter: new RateLimiterMemory(common),
      })
      return { known, shared }
    }

    async function check(known: RateLimiterMemory, hashed: string): Promise<void> {
      const found = await known.get(hashed)
      if (found && found.consumedPoints > points && found.msBeforeNext > 0) throw exceeded(found)
    }

    function exceeded({ msBeforeNext }: RateLimiterRes): TintypeError {
      const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000))
      const often = `${points} in ${duration} ${duration === 1 ? 'second' : 'seconds'}`
      const wait = `${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}`
      return new TintypeError(
        'too_many_requests',
        `Too many requests: ${often} are allowed. Wait ${wait}, then try again.`,
        { limit: points, retryAfter },
      )
    }

    return {
      async demand(key) {
        const { known, shared } = await made
        const hashed = hash(key)
        forgetNowAndThen()
        // A key that is over its limit is not counted any further: waiting as told is always enough.
        await check(known, hashed)
        try {
          await shared.consume(hashed)
        } catch (refused) {
          if (refused instanceof Error) throw refused
          const result = refused as RateLimiterRes
          if (known !== shared) await known.block(hashed, Math.ceil(result.msBeforeNext / 1000))
          throw exceeded(result)
        }
      },
      async giveBack(key) {
        const { shared } = await made
        await shared.reward(hash(key))
      },
      async check(key) {
        const { known } = await made
        await check(known, hash(key))
      },
    }
  }
}

/** Neither names nor addresses are kept. */
function hash(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
