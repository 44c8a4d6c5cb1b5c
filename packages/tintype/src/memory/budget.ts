import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

/** Memory that one upload may use. */
export interface Reservation {
  /** Makes sure that at least `bytes` are reserved; waits, with a promise, for what is missing. */
  growTo(bytes: number): void | Promise<void>
  /** The same at once, or not at all: false while others wait, or where so much is not free. */
  tryGrowTo(bytes: number): boolean
  /** The same in the queue of those that arrive, whom it doesn't overtake: for uploads that hold next to nothing. */
  growInTurn(bytes: number): Promise<void>
  /** Gives back what is reserved beyond `bytes`. */
  shrinkTo(bytes: number): void
  /** Gives everything back, for good. May be called twice. */
  release(): void
}

/** A {@link Reservation} that ends with the work that it was made for. */
export interface ScopedReservation extends Omit<Reservation, 'release'> {
  /** It lasts until this has ended too, however it ends: what still reads or writes the memory when the work is over. */
  lastUntil(end: Promise<unknown>): void
}

/** The memory that all uploads together may use, in bytes. */
export interface Budget {
  /**
   * Waits in a queue when it is full. First come, first served: a large upload is not overtaken by small ones for
   * ever, and those behind it wait for it at most as long as it waits itself. Uploads that hold memory already and
   * need more of it come before those that hold none.
   *
   * @param bytes what the upload announces, or a first guess where it announces nothing
   * @throws {TintypeError} `overloaded` when the queue is full or the wait was too long; `too_large` when it can never fit
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Reservation>
  /**
   * Reserves, works, releases, however the work ends: what every way in does with memory.
   *
   * @param signal of the client: one that has gone gets no memory, and one that goes leaves the queue
   * @param options.isPatient it waits until there is room and nobody else waits, and holds up nobody
   * @param options.wait milliseconds that it waits at the most, where nobody sends meanwhile. @default that of the budget
   * @param options.spare bytes that stay free beside it: for those that may hold memory for long
   * @throws {TintypeError} as {@link Budget.reserve}; what the work throws
   */
  within<T>(
    bytes: number,
    signal: AbortSignal,
    work: (reservation: ScopedReservation) => Promise<T>,
    options?: { isPatient?: boolean; wait?: number; spare?: number },
  ): Promise<T>
  /**
   * Lends what is free to something that is only worth keeping: it is called in, the oldest first, before an upload waits.
   *
   * @param giveBack gives the memory back at once
   * @returns undefined where so much is not free; else what ends the loan early, by when the memory has been given back
   */
  lend(bytes: number, giveBack: () => void): (() => void) | undefined
  /** All of it. */
  readonly bytes: number
  readonly used: number
  /** Whether uploads wait. */
  readonly isContested: boolean
  /** How many uploads wait. */
  readonly waiting: number
}

/**
 * What a connection takes beside the file: what the socket has read ahead, streams, headers. Each upload reserves it
 * with its file, and room for those in the queue is set aside.
 */
export const connectionBytes = 64 * 1024

/** How the memory for uploads is divided. */
export interface MemoryShares {
  /** Bytes of the {@link Budget}. */
  uploads: number
  /** How many may wait for it. */
  queue: number
  /** Bytes of the processes that inspect files. */
  children: number
  /** How many of them decode pictures. */
  decoders: number
  /** What the pictures that are being decoded may take together, in bytes. */
  pictures: number
}

/**
 * The shares are fixed: an upload that waits for a decoder holds memory while it waits, so if both drew on one pool,
 * uploads alone could fill it and then wait for each other.
 */
export function divideMemory(bytes: number): MemoryShares {
  const queue = Math.min(1000, Math.floor(bytes / 8 / connectionBytes))
  const children = Math.floor(Math.max((bytes * 3) / 8, Math.min(bytes / 2, smallestPair)))
  const decoders = children < smallestPair ? 1 : 2
  // Below 440 MiB in all, children may take more than their share.
  const pictures = Math.max(children - (decoders + videoReaders) * childBytes, leastPictures)
  return { uploads: bytes - children - queue * connectionBytes, queue, children, decoders, pictures }
}

/**
 * The largest file that uploads can have whole in memory.
 * @param uploads bytes of their share
 * @param isTransformed whether the app's hook gets a copy of it
 */
export function largestInMemory(uploads: number, isTransformed: boolean): number {
  return Math.floor((uploads - connectionBytes) / (isTransformed ? 2 : 1))
}

/** Of a child process without a job, measured, beside the program itself, which all processes share. */
export const childBytes = 28 * 1024 * 1024
/** One for videos in memory, two for those in the bucket. */
export const videoReaders = 3
/** Enough for two photos of the usual kind. */
const leastPictures = 80 * 1024 * 1024
const smallestPair = (2 + videoReaders) * childBytes + leastPictures

interface Waiter {
  bytes: number
  spare: number
  admit(): void
}

/**
 * @param options.bytes the whole budget
 * @param options.wait milliseconds that an upload waits at the most
 * @param options.queue how many may wait
 */
export function createBudget(options: { bytes: number; wait: number; queue: number; clock: Clock }): Budget {
  let used = 0
  let growing: Waiter[] = []
  let arriving: Waiter[] = []
  let patient: Waiter[] = []
  const loans = new Set<{ bytes: number; giveBack(): void }>()

  function callIn(bytes: number): void {
    for (const loan of loans) {
      if (has(bytes)) return
      loans.delete(loan)
      loan.giveBack()
      used -= loan.bytes
    }
  }

  function has(bytes: number): boolean {
    return used + bytes <= options.bytes
  }

  function admitWaiters(): void {
    for (;;) {
      const line = [growing, arriving, patient].find(({ length }) => length > 0) ?? []
      // Those that have room, but for what has to stay free beside them, hold up nobody.
      const first = line.findIndex(({ bytes, spare }) => spare === 0 || !has(bytes) || has(bytes + spare))
      const next = line[first]
      if (!next || !has(next.bytes + next.spare)) return
      line.splice(first, 1)
      used += next.bytes
      next.admit()
    }
  }

  interface Taking {
    /** Bytes that the upload holds already. */
    held: number
    line: 'growing' | 'arriving' | 'patient'
    spare?: number
    wait?: number | undefined
  }

  async function take(bytes: number, signal: AbortSignal, how: Taking): Promise<void> {
    const { held } = how
    if (held + bytes > options.bytes) {
      throw new TintypeError(
        'too_large',
        'The request needs more memory than the server gives to uploads. Send fewer files in one request, or smaller ones.',
        { limit: options.bytes },
      )
    }
    signal.throwIfAborted()
    const spare = Math.min(how.spare ?? 0, options.bytes - bytes)
    if (tryTake(bytes, spare)) return
    const waiting = growing.length + arriving.length
    if (held === 0 && waiting >= options.queue) throw overloaded()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { bytes, spare, admit: resolve }
    const leave = (error: unknown) => {
      growing = growing.filter((other) => other !== waiter)
      arriving = arriving.filter((other) => other !== waiter)
      patient = patient.filter((other) => other !== waiter)
      reject(error)
      admitWaiters()
    }
    const abort = () => leave(signal.reason)
    const lines = { growing, arriving, patient }
    lines[how.line].push(waiter)
    admitWaiters()
    const cancelTimer = options.clock.after(how.wait ?? options.wait, () => leave(overloaded()))
    signal.addEventListener('abort', abort)
    try {
      await promise
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', abort)
    }
  }

  function tryTake(bytes: number, spare = 0): boolean {
    callIn(bytes + spare)
    if (growing.length + arriving.length > 0 || !has(bytes + spare)) return false
    used += bytes
    return true
  }

  async function reserve(
    bytes: number,
    signal: AbortSignal,
    { isPatient, ...how }: { isPatient?: boolean; wait?: number; spare?: number } = {},
  ): Promise<Reservation> {
    await take(bytes, signal, { ...how, held: 0, line: isPatient ? 'patient' : 'arriving' })
    let reserved = bytes
    let isReleased = false

    function shrinkTo(total: number): void {
      if (total >= reserved) return
      used -= reserved - total
      reserved = total
      admitWaiters()
    }

    async function grow(more: number, line: Taking['line'] = 'growing'): Promise<void> {
      await take(more, signal, { held: reserved, line })
      reserved += more
      if (!isReleased) return
      shrinkTo(0)
      throw new Error('The reservation was released while it waited for more.')
    }

    return {
      growTo: (total) => (total > reserved ? grow(total - reserved) : undefined),
      async growInTurn(total) {
        if (total > reserved) await grow(total - reserved, 'arriving')
      },
      tryGrowTo(total) {
        if (isReleased || (total > reserved && !tryTake(total - reserved))) return false
        reserved = Math.max(reserved, total)
        return true
      },
      shrinkTo,
      release() {
        isReleased = true
        shrinkTo(0)
      },
    }
  }

  return {
    bytes: options.bytes,
    get used() {
      return used
    },
    get isContested() {
      return growing.length + arriving.length > 0
    },
    get waiting() {
      return growing.length + arriving.length
    },
    lend(bytes, giveBack) {
      if (growing.length + arriving.length + patient.length > 0 || !has(bytes)) return
      const loan = { bytes, giveBack }
      loans.add(loan)
      used += bytes
      return () => {
        if (!loans.delete(loan)) return
        used -= bytes
        admitWaiters()
      }
    },
    reserve: (bytes, signal) => reserve(bytes, signal),
    async within(bytes, signal, work, how) {
      const { release, ...reservation } = await reserve(bytes, signal, how)
      const others: Promise<unknown>[] = []
      try {
        return await work({ ...reservation, lastUntil: (end) => void others.push(end) })
      } finally {
        if (others.length === 0) release()
        else void Promise.allSettled(others).then(release)
      }
    },
  }
}

function overloaded(): TintypeError {
  return new TintypeError(
    'overloaded',
    'The server has its hands full of uploads. Try again in a few seconds.',
  )
}
