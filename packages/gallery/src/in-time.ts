/**
 * The promise, or a `TimeoutError` after this many milliseconds, for calls that a browser may never answer.
 * `AbortSignal.timeout` doesn't help here: most of these calls take no signal.
 */
export function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new DOMException('It did not answer in time.', 'TimeoutError'))
    const timer = setTimeout(late, milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
