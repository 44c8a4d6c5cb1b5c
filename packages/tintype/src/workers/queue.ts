import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

/** The client a job is done for. */
export interface Requester {
  /** Owners take turns. */
  owner: string
  /** Aborts when the answer is no longer needed: the client has gone, or was refused already. */
  signal: AbortSignal
  /** Milliseconds in which the answer is of use: soon after that the client gives up. */
  timeLeft(): number
}

/** No particular client: has no owner and waits as long as it takes. */
export const noRequester: Requester = {
  owner: '',
  signal: new AbortController().signal,
  timeLeft: () => Number.POSITIVE_INFINITY,
}

/** Milliseconds of a requester's time reserved for the job itself: started later, it could not finish in time. */
export const jobTime = 25_000

/** A fair queue in front of a scarce resource, such as the processes that decode. */
export interface JobQueue {
  /**
   * Waits for a turn. The next turn goes to the owner with the fewest running jobs, then to the one whose last turn
   * is longest ago; within an owner, first come, first served. A large job at the head is not overtaken by small ones.
   *
   * @param job.memory bytes of the capacity that it takes; not more than all of it
   * @param job.isUrgent goes before all others
   * @param job.isBackground comes after all others, and never takes the last free slot, unless there is but one
   * @returns ends the turn; safe to call twice
   * @throws {TintypeError} `overloaded` when the turn would come too late for the requester, or the queue is full and
   * no other owner has more jobs in it
   * @throws the reason of the requester's signal
   */
  enter(
    requester: Requester,
    job?: { memory?: number; isUrgent?: boolean; isBackground?: boolean },
  ): Promise<() => void>
  /** How many jobs wait, those in the background not counted. */
  readonly waiting: number
  /** Rejects all waiting jobs. */
  clear(reason: unknown): void
}

export interface JobQueueOptions {
  /** Jobs that may run at a time. */
  slots: number
  /** Bytes that running jobs may take together. @default no limit */
  capacity?: number | undefined
  /** Jobs that may wait. @default 1000 */
  maxWaiting?: number | undefined
  /** Milliseconds of a requester's time reserved for the job itself. @default 0 */
  leadTime?: number | undefined
  clock: Clock
}

interface Waiter {
  owner: string
  memory: number
  isBackground: boolean
  isUrgent: boolean
  admit(): void
  leave(reason: unknown): void
}

type Turn = Pick<Waiter, 'owner' | 'memory' | 'isBackground'>

/** Forgotten when its last job ends. */
interface Owner {
  waiting: Waiter[]
  underWay: number
  /** Number of its last turn, counted over all owners. */
  lastTurn: number
}

export function createJobQueue(options: JobQueueOptions): JobQueue {
  const { slots, capacity = Number.POSITIVE_INFINITY, maxWaiting = 1000, leadTime = 0, clock } = options
  const owners = new Map<string, Owner>()
  const mostInBackground = Math.max(1, slots - 1)
  let background: Waiter[] = []
  let inBackground = 0
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
    return best?.waiting[0] ?? (inBackground < mostInBackground ? background[0] : undefined)
  }

  function admitWaiters(): void {
    for (let next = first(); next && fits(next.memory); next = first()) {
      begin(next)
      remove(next)
      next.admit()
    }
  }

  function begin({ owner: name, memory, isBackground }: Turn): void {
    if (isBackground) inBackground++
    const owner = ownerOf(name)
    owner.underWay++
    owner.lastTurn = ++turns
    underWay++
    used += memory
  }

  function end({ owner: name, memory, isBackground }: Turn): void {
    if (isBackground) inBackground--
    const owner = ownerOf(name)
    owner.underWay--
    underWay--
    used -= memory
    forget(name, owner)
    admitWaiters()
  }

  function remove(waiter: Waiter): void {
    if (waiter.isBackground) {
      background = background.filter((other) => other !== waiter)
      return
    }
    const owner = ownerOf(waiter.owner)
    owner.waiting = owner.waiting.filter((other) => other !== waiter)
    waiting--
    forget(waiter.owner, owner)
  }

  /** The queue is full: drops the last job of the owner with the most jobs, which may be the new one. */
  function makeRoom(name: string): void {
    let longest = owners.get(name)?.waiting ?? []
    for (const owner of owners.values()) if (owner.waiting.length > longest.length) longest = owner.waiting
    const last = longest.at(-1)
    if (!last || last.owner === name) throw overloaded()
    last.leave(overloaded())
  }

  async function wait(
    { signal, timeLeft }: Requester,
    { owner, ...job }: Turn & Pick<Waiter, 'isUrgent'>,
  ): Promise<void> {
    if (waiting >= maxWaiting && !job.isBackground) makeRoom(owner)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = (reason: unknown) => {
      const line = job.isBackground ? background : owners.get(owner)?.waiting
      if (!line?.includes(waiter)) return
      remove(waiter)
      reject(reason)
      admitWaiters()
    }
    const waiter: Waiter = { owner, ...job, admit: resolve, leave }
    if (job.isBackground) background.push(waiter)
    else {
      ownerOf(owner).waiting.push(waiter)
      waiting++
    }
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
    async enter(requester, { memory = 0, isUrgent = false, isBackground = false } = {}) {
      requester.signal.throwIfAborted()
      const turn = { owner: requester.owner, memory, isBackground }
      const hasRoom = waiting === 0 && fits(memory)
      if (hasRoom && (!isBackground || (background.length === 0 && inBackground < mostInBackground)))
        begin(turn)
      else await wait(requester, { ...turn, isUrgent })
      let ended = false
      return () => {
        if (!ended) end(turn)
        ended = true
      }
    },
    get waiting() {
      return waiting
    },
    clear(reason) {
      const all = [...owners.values()].flatMap((owner) => owner.waiting)
      for (const waiter of [...all, ...background]) waiter.leave(reason)
    },
  }
}

function overloaded(): TintypeError {
  return new TintypeError('overloaded', 'Too many files wait to be looked into. Try again in a few seconds.')
}
