/**
 * Errors that come out of a cut connection where no promise waits for them. A response whose body nobody reads is enough:
 * Node's `fetch` has a stream behind it, and an error of that stream has no listener (undici's issue 3813). Adapters do leave bodies
 * unread, and their connections are cut all the time.
 */
export interface Escaped {
  /** Rejects with the first error that is none of a connection: a mistake in an adapter, or in the kit. */
  fatal: Promise<never>
  stop(): void
}

/** @param note told of each error of a connection */
export function watchEscaped(note: (error: Error) => void): Escaped {
  const { promise: fatal, reject } = Promise.withResolvers<never>()
  fatal.catch(() => {})
  const see = (error: unknown) => {
    if (isOfConnection(error)) note(error)
    else reject(error)
  }
  process.on('uncaughtException', see)
  return { fatal, stop: () => void process.off('uncaughtException', see) }
}

const codes = /^(ECONN|EPIPE|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE|ABORT_ERR|UND_ERR_|HPE_)/
const names = ['AbortError', 'TimeoutError', 'SocketError']

function isOfConnection(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code = '', cause } = error as NodeJS.ErrnoException
  return codes.test(String(code)) || names.includes(error.name) || isOfConnection(cause)
}
