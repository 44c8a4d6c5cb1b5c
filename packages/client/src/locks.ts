import { withTimeLimit } from './time-limit.ts'

const waiting = new Map<string, Promise<unknown>>()
/** Milliseconds after which a lock that nobody has should have been granted. */
const longestWait = 3000

/**
 * Runs `work` when nobody else does under this name: in no tab of this origin where the browser has Web Locks, in this
 * page where it hasn't (plain HTTP, Node), refuses them (cookies are blocked) or doesn't grant what nobody has.
 *
 * @param wait milliseconds
 */
export function withLock<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  wait = longestWait,
): Promise<T> {
  const { locks } = globalThis.navigator ?? {}
  if (!locks) return withPageLock(name, signal, work)

  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout>
    let hasBegun = false
    /** Of the ways to the work the first one that is open. */
    const begin = (way: () => Promise<T>) => {
      if (hasBegun) return undefined
      hasBegun = true
      clearTimeout(timer)
      return way().then(resolve, reject)
    }
    const beginWithout = () => void begin(() => withPageLock(name, signal, work))
    const look = async () => {
      // Another tab may have it for hours.
      if (!(await namesHeld(wait)).includes(name)) beginWithout()
      else if (!hasBegun) timer = setTimeout(look, wait)
    }
    timer = setTimeout(look, wait)
    const request = async () => locks.request(name, signal ? { signal } : {}, () => begin(work))
    request().catch((error) => {
      if (signal?.aborted) begin(() => Promise.reject(error))
      else beginWithout()
    })
  })
}

function withPageLock<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const before = waiting.get(name) ?? Promise.resolve()
  const run = before.then(() => {
    signal?.throwIfAborted()
    return work()
  })
  const settled: Promise<unknown> = run
    .catch(() => {})
    .then(() => waiting.get(name) === settled && waiting.delete(name))
  waiting.set(name, settled)
  return run
}

/** Which of these names somebody holds, as far as can be seen. */
export async function heldLocks(): Promise<ReadonlySet<string>> {
  return new Set([...(await namesHeld(longestWait)), ...waiting.keys()])
}

async function namesHeld(wait: number): Promise<string[]> {
  try {
    const query = globalThis.navigator?.locks?.query()
    const { held = [] } = (query && (await withTimeLimit(query, wait))) ?? {}
    return held.map(({ name = '' }) => name)
  } catch {
    return []
  }
}
