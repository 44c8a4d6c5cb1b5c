import { setTimeout as sleep } from 'node:timers/promises'
import { TintypeError } from '../errors.ts'
import { isTemporary, meaningOf } from './meaning.ts'

/** How often S3 is asked in all, where it says that nothing was done and that later it may be. */
const mostTries = 3
/** Milliseconds before the second try; twice as many before each further one. */
const firstPause = 200

/**
 * One operation on the bucket. Failures are `storage_unavailable`, never a bare error of S3's, and keep it as their
 * cause for the log. Where S3 has refused for a moment (`SlowDown`, a conflict), `work` is called again after a pause;
 * what has an unknown outcome is not repeated here.
 *
 * @param verb completes "could not … the object"
 * @param options.signal ends the pauses
 * @param options.safe whether `work` may also be repeated when S3 has failed and its outcome is unknown: reads, deletions
 */
export async function unavailableOnError<T>(
  verb: string,
  work: () => Promise<T>,
  { signal, safe = false }: { signal?: AbortSignal | undefined; safe?: boolean } = {},
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (cause) {
      const again = isTemporary(cause) || (safe && meaningOf(cause) === 'broken')
      if (again && tries < mostTries && (await pause(tries, signal))) continue
      throw new TintypeError(
        'storage_unavailable',
        `The object storage could not ${verb} the object. Try again later.`,
        { cause },
      )
    }
  }
}

/**
 * Waits before another try, up to half as long as it might, at random, so that those who were refused together don't
 * come back together.
 * @returns whether there is still somebody who waits
 */
export async function pause(tries: number, signal?: AbortSignal): Promise<boolean> {
  const longest = firstPause * 2 ** (tries - 1)
  try {
    await sleep(longest * (1 - Math.random() / 2), undefined, { signal })
    return true
  } catch {
    return false
  }
}
