const waiting = new Map<string, Promise<unknown>>()

/**
 * Runs `work` when nobody else does under this name: in no tab of this origin where the browser has Web Locks, in this
 * page where it hasn't (plain HTTP, Node) or refuses them (cookies are blocked).
 */
export async function withLock<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { locks } = globalThis.navigator ?? {}
  if (!locks) return withPageLock(name, signal, work)
  let isGranted = false
  try {
    return await locks.request(name, signal ? { signal } : {}, () => {
      isGranted = true
      return work()
    })
  } catch (error) {
    if (isGranted || signal?.aborted) throw error
    return withPageLock(name, signal, work)
  }
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
  const { held = [] } = (await globalThis.navigator?.locks?.query().catch(() => undefined)) ?? {}
  return new Set([...held.map(({ name = '' }) => name), ...waiting.keys()])
}
