import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

/** For whom a job is done. */
export interface Requester {
  /** Owners take turns. */
  owner: string
  /** Aborts when nobody waits for the answer any more: its sender has gone, or it has been refused already. */
  signal: AbortSignal
  /** Milliseconds for which the answer is still worth having: soon after them, its sender gives up. */
  timeLeft(): number
}

/** Of whom nothing is known, and who waits for as long as it takes. */
export const anybody: Requester = {
  owner: '',
  signal: new AbortController().signal,
  timeLeft: () => Number.POSITIVE_INFINITY,
}

/** Of a requester's time, what is kept for the job: to begin it later would be for nothing. Milliseconds. */
export const jobTime = 25_000

/** The line before something scarce, such as the processes that decode. */
export interface Line {
  /**
   * Waits for a turn. Of those who wait, the next one is of the owner who has the fewest turns under way, then of the
   * one who has not had any for the longest time; within an owner, the first to come. Nobody is overtaken for being
   * large.
   *
   * @param job.memory what it takes of the capacity; not more than all of it
   * @param job.isUrgent it comes before all others
   * @returns ends the turn; may be called twice
   * @throws {TintypeError} `overloaded` when the turn would come too late for the requester, or the line is full and
   * nobody has more jobs in it; `signal.reason`
   */
  enter(requester: Requester, job?: { memory?: number; isUrgent?: boolean }): Promise<() => void>
  /** How many wait. */
  readonly waiting: number
  /** Turns away all that wait. */
  clear(reason: unknown): void
}

export interface LineOptions {
  /** How many may have their turn at a time. */
  slots: number
  /** What they may take together. @default no limit */
  capacity?: number | undefined
  /** How many may wait. @default 1000 */
  most?: number | undefined
  /** Of a requester's time, the milliseconds that are kept for the job itself. @default 0 */
  leadTime?: number | undefined
  clock: Clock
}

interface Waiter {
  owner: string
  memory: number
  isUrgent: boolean
  admit(): void
  leave(reason: unknown): void
}

/** Kept for as long as it has jobs here. */
interface Owner {
  waiting: Waiter[]
  underWay: number
  /** Number of its last turn, counted over all owners. */
  lastTurn: number
}

export function createLine(options: LineOptions): Line {
  const { slots, capacity = Number.POSITIVE_INFINITY, most = 1000, leadTime = 0, clock } = options
  const owners = new Map<string, Owner>()
  let waiting = 0
  let underWay = 0
  let used = 0
  let turns = 0

  function ownerOf(name: string): Owner {
    const known = owners.get(name)
    if (known) return known
    const fresh = { waiting: [], underWay: 0, lastTurn: 0 }
    owners.set(name, fresh)
    return fresh
  }

  function forget(name: string, owner: Owner): void {
    if (owner.waiting.length === 0 && owner.underWay === 0) owners.delete(name)
  }

  const fits = (memory: number) => underWay < slots && used + memory <= capacity

  function first(): Waiter | undefined {
    let best: Owner | undefined
    for (const owner of owners.values()) {
      const urgent = owner.waiting.find(({ isUrgent }) => isUrgent)
      if (urgent) return urgent
      if (owner.waiting.length === 0) continue
      if (!best || (owner.underWay - best.underWay || owner.lastTurn - best.lastTurn) < 0) best = owner
    }
    return best?.waiting[0]
  }

  function admitWaiters(): void {
    for (let next = first(); next && fits(next.memory); next = first()) {
      begin(next.owner, next.memory)
      remove(next)
      next.admit()
    }
  }

  function begin(name: string, memory: number): void {
    const owner = ownerOf(name)
    owner.underWay++
    owner.lastTurn = ++turns
    underWay++
    used += memory
  }

  function end(name: string, memory: number): void {
    const owner = ownerOf(name)
    owner.underWay--
    underWay--
    used -= memory
    forget(name, owner)
    admitWaiters()
  }

  function remove(waiter: Waiter): void {
    const owner = ownerOf(waiter.owner)
    owner.waiting = owner.waiting.filter((other) => other !== waiter)
    waiting--
    forget(waiter.owner, owner)
  }

  /** The line is full: the last job of the owner who has the most in it goes, were it the one that comes. */
  function makeRoom(name: string): void {
    let longest = owners.get(name)?.waiting ?? []
    for (const owner of owners.values()) if (owner.waiting.length > longest.length) longest = owner.waiting
    const last = longest.at(-1)
    if (!last || last.owner === name) throw overloaded()
    last.leave(overloaded())
  }

  async function wait(
    { owner, signal, timeLeft }: Requester,
    job: Pick<Waiter, 'memory' | 'isUrgent'>,
  ): Promise<void> {
    if (waiting >= most) makeRoom(owner)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = (reason: unknown) => {
      if (!owners.get(owner)?.waiting.includes(waiter)) return
      remove(waiter)
      reject(reason)
      admitWaiters()
    }
    const waiter: Waiter = { owner, ...job, admit: resolve, leave }
    ownerOf(owner).waiting.push(waiter)
    waiting++
    const abort = () => leave(signal.reason)
    signal.addEventListener('abort', abort)
    const cancelTimer = clock.after(timeLeft() - leadTime, () => leave(overloaded()))
    admitWaiters()
    try {
      await promise
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', abort)
    }
  }

  return {
    async enter(requester, { memory = 0, isUrgent = false } = {}) {
      requester.signal.throwIfAborted()
      const { owner } = requester
      if (waiting === 0 && fits(memory)) begin(owner, memory)
      else await wait(requester, { memory, isUrgent })
      let ended = false
      return () => {
        if (!ended) end(owner, memory)
        ended = true
      }
    },
    get waiting() {
      return waiting
    },
    clear(reason) {
      for (const waiter of [...owners.values()].flatMap((owner) => owner.waiting)) waiter.leave(reason)
    },
  }
}

function overloaded(): TintypeError {
  return new TintypeError('overloaded', 'Too many files wait to be looked into. Try again in a few seconds.')
}
