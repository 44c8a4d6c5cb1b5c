import { withTimeLimit } from './time-limit.ts'

const waiting = new Map<string, Promise<unknown>>()
/** Milliseconds within which a free lock should have been granted. */
const longestWait = 3000

/**
 * Runs `work` exclusively under this name: across all tabs of this origin with Web Locks; within this page where there
 * are none (plain HTTP, Node), where they are refused (cookies are blocked) or a free lock is not granted.
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
    /** Uses the first lock that can be had. */
    const begin = (way: () => Promise<T>) => {
      if (hasBegun) return undefined
      hasBegun = true
      clearTimeout(timer)
      return way().then(resolve, reject)
    }
    const beginWithout = () => void begin(() => withPageLock(name, signal, work))
    const look = async () => {
      // Another tab may hold it for hours.
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

/** Names of the locks that are held, as far as this page can see. */
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
