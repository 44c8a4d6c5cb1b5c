import { elapsed, type Moments } from './moments.ts'
import type { Random } from './random.ts'
import { isWrite, type S3Call } from './s3-operation.ts'

/** Where a kill hits: at an S3 call, before or after its effect. */
interface Point {
  operation: string
  when: 'before' | 'after'
  /** It is hit at this call of the kind, counted from now. */
  left: number
}

export interface Killer {
  /** Kills the backend once, and tells how. */
  strike(): Promise<string>
  /** Asked for each call that is to be passed on: whether the next kill hits here. */
  hits(call: S3Call, when: Point['when']): boolean
  /** Called for each call: its kind is known from now on. */
  seen(call: S3Call): void
  /** The backend is killed in the middle of this call. */
  killNow(): Promise<void>
}

/** Milliseconds after which a call that doesn't come is waited for no longer. */
const longestWait = 4000

/** By what random moments are counted. */
export interface KillerMoments {
  /** Each call to S3, and each thing that a client begins or ends. */
  events: Moments
  /** Each answer that a client gets: what it asked for is done, or refused. */
  answers: Moments
}

/**
 * Every other kill hits at a random moment; those between at S3 calls, before and after their effect, each kind in
 * turn. Half of both come soon after the start, with all clients at their first request; the others leave time for some
 * answers, however many requests and calls to S3 one upload takes.
 */
export function createKiller(
  random: Random,
  { events, answers }: KillerMoments,
  kill: () => Promise<void>,
): Killer {
  const operations: string[] = []
  let strikes = 0
  let turn = 0
  let armed: { point: Point; hit: () => void } | undefined

  async function atRandom(): Promise<string> {
    const [moments, most] = random.chance(0.5) ? [events, 25] : [answers, 24]
    await moments.after(random.integer(1, most), random.integer(0, 25))
    await kill()
    return 'at a random moment'
  }

  return {
    async strike() {
      const points = operations.flatMap((operation) => [
        { operation, when: 'before' as const },
        { operation, when: 'after' as const },
      ])
      const next = strikes++ % 2 === 0 ? undefined : points[turn++ % points.length]
      if (next === undefined) return atRandom()
      if (random.chance(0.5)) await answers.after(random.integer(1, 16), 0)
      const hit = Promise.withResolvers<true>()
      armed = { point: { ...next, left: random.integer(1, 3) }, hit: () => hit.resolve(true) }
      const isHit = await Promise.race([hit.promise, elapsed(longestWait)])
      armed = undefined
      return isHit ? `${next.when} ${next.operation}` : atRandom()
    },
    hits({ operation }, when) {
      const point = armed?.point
      return point?.operation === operation && point.when === when && --point.left === 0
    },
    seen({ operation }) {
      if (isWrite(operation) && !operations.includes(operation)) operations.push(operation)
    },
    async killNow() {
      const hit = armed?.hit
      await kill()
      hit?.()
    },
  }
}
