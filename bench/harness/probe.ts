import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { percentile } from './statistics.ts'

/** Asks a server for `/healthz` ten times a second, from a thread of its own, which the load does not hold up. */
export interface Probe {
  /** Milliseconds of the answers; one that does not come within 5 s counts as 5 s. */
  stop(): Promise<{ median: number; p99: number }>
}

export function startProbe(origin: string): Probe {
  const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), {
    workerData: `${origin}/healthz`,
  })
  return {
    async stop() {
      worker.postMessage('stop')
      const [latencies] = (await once(worker, 'message')) as [number[]]
      return { median: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
    },
  }
}
