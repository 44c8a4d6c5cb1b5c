/** Items that may go together into one transaction; bounds its length and the number of its parameters. */
const largestGroup = 100

/** Milliseconds. */
const gathering = 1

/**
 * Group commit. While one run of `work` waits for the disk, callers gather; the next run takes all of them at
 * once, so that under load many share one durable commit, and a single caller does not wait.
 *
 * @param work does all or nothing. Every caller of that run gets what it throws
 * @param atOnce how many runs may be under way at the same time
 */
export function createGroup<T>(work: (items: T[]) => Promise<void>, atOnce = 1): (item: T) => Promise<void> {
  let waiting: { item: T; resolve(): void; reject(error: unknown): void }[] = []
  let running = 0
  let latest = 0

  async function run(): Promise<void> {
    if (running === atOnce) return
    running += 1
    while (waiting.length > 0) {
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      latest = group.length
      await work(group.map((one) => one.item)).then(
        () => group.forEach((one) => void one.resolve()),
        (error: unknown) => group.forEach((one) => void one.reject(error)),
      )
    }
    running -= 1
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      // Where several came together, more are on their way: a moment's wait spares the disk most of the commits.
      // Otherwise a run takes those that came with the same poll of the sockets.
      if (latest > 1) setTimeout(run, gathering)
      else setImmediate(run)
    })
}
