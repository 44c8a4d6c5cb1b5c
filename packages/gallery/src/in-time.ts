/**
 * The promise, or a `TimeoutError` once so many milliseconds are over: of what a browser may never answer.
 * `AbortSignal.timeout` is of no use here: most of what hangs takes no signal.
 */
export function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new DOMException('It did not answer in time.', 'TimeoutError'))
    const timer = setTimeout(late, milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
