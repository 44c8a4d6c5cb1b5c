import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { RefusedByApp } from './refuse.ts'
import type { Hooks } from './types.ts'

/** A function of the app's that is waited for. */
export type HookName = keyof Hooks | 'quotas' | 'findClaim' | 'canView'

/** Calls a function of the app's: what it does wrong costs one upload, and its client learns nothing of it. */
export type RunHook = <T>(
  name: HookName,
  call: (signal: AbortSignal) => T | Promise<T>,
  limits: {
    /** Milliseconds. */
    time: number
    /** Of the client: when it has gone, the hook is not waited for. */
    signal?: AbortSignal | undefined
  },
) => Promise<T>

/**
 * The runner of all hooks.
 *
 * It throws what `refuse()` has made as it is, and the signal's reason when the client has gone; `hook_timeout` when the hook
 * takes too long, which is not waited for then, and `hook_failed` for whatever else it throws, at once or later. The log
 * has the name of the hook, and the error.
 */
export function createRunHook({ clock, log }: { clock: Clock; log: Log }): RunHook {
  return async (name, call, { time, signal }) => {
    signal?.throwIfAborted()
    const stop = new AbortController()
    const begun = clock.now()
    let leave = () => {}
    try {
      const answer = call(stop.signal)
      // Many hooks are done at once: nothing has to end what is over.
      if (!isThenable(answer)) {
        signal?.throwIfAborted()
        return answer
      }
      const { promise: ended, reject } = Promise.withResolvers<never>()
      const end = (reason: unknown) => {
        reject(reason)
        stop.abort(reason)
      }
      const gone = () => end(signal?.reason)
      const cancelTimer = clock.after(time - (clock.now() - begun), () => end(tookTooLong(name, time)))
      signal?.addEventListener('abort', gone)
      if (signal?.aborted) gone()
      leave = () => {
        cancelTimer()
        signal?.removeEventListener('abort', gone)
      }
      return await Promise.race([ended, answer])
    } catch (error) {
      if (error instanceof RefusedByApp || (signal?.aborted && error === signal.reason)) throw error
      log.error('hook.failed', { hook: name, error })
      if (stop.signal.aborted && error === stop.signal.reason) throw error
      throw hookFailed(name, error)
    } finally {
      leave()
    }
  }
}

function isThenable<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as Partial<PromiseLike<T>> | null | undefined)?.then === 'function'
}

export function hookFailed(name: HookName, cause: unknown): TintypeError {
  return new TintypeError(
    'hook_failed',
    'Something went wrong in this app, and nothing was changed. Try again later, or tell those who run it.',
    { cause: new Error(`The hook ${name} failed.`, { cause }) },
  )
}

function tookTooLong(name: HookName, time: number): TintypeError {
  return new TintypeError(
    'hook_timeout',
    'This app took too long over it, and nothing was changed. Try again later.',
    {
      cause: new Error(`The hook ${name} took longer than ${time / 1000} s.`),
    },
  )
}
