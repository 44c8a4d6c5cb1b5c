/** Items that may go together into one transaction; bounds its length and the number of its parameters. */
const largestGroup = 100

/**
 * Group commit. While one run of `work` waits for the disk, callers gather; the next run takes all of them at
 * once, so that under load many share one durable commit, and alone nobody waits for others.
 *
 * @param work does all or nothing. What it throws, every caller of that run gets
 */
export function createGroup<T>(work: (items: T[]) => Promise<void>): (item: T) => Promise<void> {
  let waiting: { item: T; resolve(): void; reject(error: unknown): void }[] = []
  let running = false

  async function run(): Promise<void> {
    if (running) return
    running = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      await work(group.map((one) => one.item)).then(
        () => group.forEach((one) => void one.resolve()),
        (error: unknown) => group.forEach((one) => void one.reject(error)),
      )
    }
    running = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      // After what else happens in this tick: the first caller does not leave alone.
      queueMicrotask(() => void run())
    })
}
