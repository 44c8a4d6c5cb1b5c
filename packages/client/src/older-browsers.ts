// What browsers of 2022 (Safari 16, Chrome 105, Firefox 104) lack. Nothing global is touched: an app's own page may
// have polyfills of its own, or look for what is missing.

export interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** `Promise.withResolvers`, which browsers have since 2024. */
export function createDeferred<T>(): Deferred<T> {
  const deferred = {} as Deferred<T>
  deferred.promise = new Promise<T>((resolve, reject) => Object.assign(deferred, { resolve, reject }))
  return deferred
}

/**
 * Aborts `controller` when `signal` is, with the same reason: `AbortSignal.any`, which browsers have since 2024.
 * @returns ends it: a signal that outlives many requests would keep a listener for each
 */
export function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  return onAbort(signal, abort)
}

/** @returns listens no more */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  signal?.addEventListener('abort', listener, { once: true })
  return () => signal?.removeEventListener('abort', listener)
}
