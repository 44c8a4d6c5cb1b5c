import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'

/** Memory that one upload may use. */
export interface Reservation {
  /** Makes sure that at least `bytes` are held; waits for what is missing. */
  growTo(bytes: number): Promise<void>
  /** Gives everything back. May be called twice. */
  release(): void
}

/** The memory that all uploads together may use, in bytes. Who finds it full waits in line, first come first served. */
export interface Budget {
  /**
   * @param bytes what the upload announces, or a first guess where it announces nothing
   * @throws {TintypeError} `overloaded` when the line is too long or the wait was; `too_large` when it can never fit
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Reservation>
  readonly used: number
}

interface Waiter {
  bytes: number
  admit(): void
}

/**
 * @param options.bytes the whole budget
 * @param options.wait milliseconds that somebody waits at the most
 * @param options.queue how many may wait
 */
export function createBudget(options: { bytes: number; wait: number; queue: number; clock: Clock }): Budget {
  let used = 0
  let waiters: Waiter[] = []

  function admitWaiters(): void {
    while (waiters[0] && used + waiters[0].bytes <= options.bytes) {
      const waiter = waiters.shift() as Waiter
      used += waiter.bytes
      waiter.admit()
    }
  }

  async function take(bytes: number, held: number, signal: AbortSignal): Promise<void> {
    if (held + bytes > options.bytes) {
      throw new TintypeError('too_large', 'The request needs more memory than the server gives to uploads.', {
        limit: options.bytes,
      })
    }
    signal.throwIfAborted()
    if (waiters.length === 0 && used + bytes <= options.bytes) {
      used += bytes
      return
    }
    if (waiters.length >= options.queue) throw overloaded()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { bytes, admit: resolve }
    const leave = (error: unknown) => {
      waiters = waiters.filter((other) => other !== waiter)
      reject(error)
      admitWaiters()
    }
    const abort = () => leave(signal.reason)
    waiters.push(waiter)
    const cancelTimer = options.clock.after(options.wait, () => leave(overloaded()))
    signal.addEventListener('abort', abort)
    try {
      await promise
    } finally {
      cancelTimer()
      signal.removeEventListener('abort', abort)
    }
  }

  return {
    get used() {
      return used
    },
    async reserve(bytes, signal) {
      await take(bytes, 0, signal)
      let held = bytes
      return {
        async growTo(total) {
          if (total <= held) return
          const more = total - held
          await take(more, held, signal)
          held += more
        },
        release() {
          used -= held
          held = 0
          admitWaiters()
        },
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
