import { TintypeError } from 'tintype/internal/errors'
import type { RateLimit } from 'tintype/internal/quotas/rates'

/**
 * Counts an attempt at signing in unless it succeeds. It is counted before it is known to be right, so that many at once don't get by. What
 * the server could not look at, for want of memory, time or its database, was no wrong one, and counts no more either.
 *
 * @param limit undefined: they are not counted
 * @param attempt undefined is a wrong one
 * @throws {TintypeError} `too_many_requests`
 */
export async function counted<T>(
  limit: RateLimit | undefined,
  key: string,
  attempt: () => Promise<T>,
): Promise<T> {
  await limit?.demand(key)
  let isWrong = true
  try {
    const outcome = await attempt()
    isWrong = outcome === undefined
    return outcome
  } catch (error) {
    isWrong = error instanceof TintypeError && error.status < 500
    throw error
  } finally {
    if (!isWrong) await limit?.giveBack(key)
  }
}
