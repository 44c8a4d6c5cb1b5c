import { get } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

const url = workerData as string
const timeout = 5_000
const latencies: number[] = []
let stopped = false
parentPort?.once('message', () => {
  stopped = true
})

while (!stopped) {
  const begun = performance.now()
  await answered()
  latencies.push(performance.now() - begun)
  await setTimeout(100)
}
parentPort?.postMessage(latencies)

function answered(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const req = get(url, { agent: false }, (res) => res.resume().once('close', resolve))
  // What it waited until it failed is what counts.
  req.setTimeout(timeout, () => req.destroy())
  req.once('error', () => resolve())
  return promise
}
