/**
 * Runs the work for every item, up to `width` at a time. When one throws, no further item is started, and this throws
 * once those in progress have ended.
 *
 * @param stopped asked before each item; from true on, no further one is begun
 * @returns the results in the order of the items; of those that were not begun, none
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
  stopped: () => boolean = () => false,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !failed && !stopped()) {
      const index = next++
      try {
        results[index] = await work(items[index] as T)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker))
  for (const one of workers) if (one.status === 'rejected') throw one.reason
  return results
}
