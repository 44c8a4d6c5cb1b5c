/** Rejects with a `TimeoutError` after this many milliseconds: for calls that a browser may never answer. */
export function withTimeLimit<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new DOMException('It took too long.', 'TimeoutError'))
    const timer = setTimeout(late, milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Milliseconds without a byte moving, after which a connection or a file counts as lost. */
export const stallTimeout = 60_000
/** Milliseconds per byte where no progress is reported: 16 KiB/s. */
export const slowestByte = 1 / 16
