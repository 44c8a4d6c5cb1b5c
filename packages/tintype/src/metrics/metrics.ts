import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { Finish } from '../intake/finish.ts'
import type { Budget } from '../memory/budget.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { Records } from '../records/records.ts'
import { stuckAfter } from '../sweep/deletion.ts'
import type { LedgerHeartbeat } from '../sweep/heartbeat.ts'
import { createOutboxMetrics, type OutboxMetrics } from './outbox-metrics.ts'
import { createRegistry } from './registry.ts'
import { createRestoreMetrics } from './restore-metrics.ts'
import { createScanMetrics, type ScanMetrics } from './scan-metrics.ts'
import { createVariantMetrics } from './variant-metrics.ts'

/** Counters and timers; docs/metrics.md says what each one is for. */
export interface Metrics {
  /** A request has ended. @param ended.route a pattern, such as `/media/:id`, never a path */
  request(ended: { method: string; route: string; status: string; seconds: number }): void
  /** An upload has ended. @param outcome `created`, `replaced`, `repeated`, `cut`, or an error's code */
  upload(outcome: string): void
  /** The same bucket, with each call counted and timed. */
  observeBucket(bucket: Bucket): Bucket
  /** The same `finish`, with created media counted. */
  observeFinish(finish: Finish): Finish
  /** Registers numbers that are read at each scrape. */
  watch(parts: {
    budget: Budget
    workers: Record<'pictures' | 'videos', { readonly waiting: number }[]>
    records: Pick<Records, 'audit' | 'heartbeat' | 'outbox' | 'variants'>
    scanner: Parameters<ScanMetrics['watch']>[0]
    heartbeat: Pick<LedgerHeartbeat, 'isPutBack'>
    /** Names of the consumers of the outbox. */
    consumers: readonly string[]
    clock: Clock
  }): void
  /** Counts a delivery. */
  delivered: OutboxMetrics['count']
  /** Counts a scan by the app. */
  scanned: ScanMetrics['count']
  /** In the format of Prometheus. */
  text(): Promise<string>
}

/** Seconds: from a cached thumb to a long video over a slow connection. */
const requestBounds = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const s3Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60]

/** All operations of S3 except the readiness check. New methods of the bucket have to be added here. */
type Operation = Exclude<
  keyof Bucket,
  | 'makeKey'
  | 'makeFolder'
  | 'keyPrefix'
  | 'heartbeatKey'
  | 'viewUrl'
  | 'putUrl'
  | 'partUrl'
  | 'publicOrigin'
  | 'ping'
  | 'close'
>
const s3Operations = Object.keys({
  put: true,
  head: true,
  open: true,
  read: true,
  delete: true,
  copy: true,
  createMultipart: true,
  putPart: true,
  copyPart: true,
  completeMultipart: true,
  abortMultipart: true,
  listParts: true,
  openMultiparts: true,
} satisfies Record<Operation, true>) as Operation[]

export function createMetrics(): Metrics {
  const registry = createRegistry()
  const requests = registry.counter('tintype_http_requests_total', 'Requests by route and status.')
  const durations = registry.histogram(
    'tintype_http_request_duration_seconds',
    'From the first byte of a request to the last of its answer.',
    requestBounds,
  )
  const uploads = registry.counter('tintype_uploads_total', 'Uploads by how they ended.')
  const media = registry.counter('tintype_media_total', 'Photos and videos that became visible.')
  const bytes = registry.counter('tintype_media_bytes_total', 'Bytes of the originals that became visible.')
  const s3 = registry.counter('tintype_s3_requests_total', 'Operations on the bucket, by outcome.')
  const s3Durations = registry.histogram(
    'tintype_s3_request_duration_seconds',
    'Operations on the bucket.',
    s3Bounds,
  )
  readProcess(registry)

  async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now()
    let outcome = 'error'
    try {
      const result = await work()
      outcome = 'ok'
      return result
    } finally {
      s3.add({ operation, outcome })
      s3Durations.observe({ operation }, (performance.now() - begun) / 1000)
    }
  }

  function count(made: MediaWithVariants[]): void {
    for (const { media: row } of made) {
      media.add({ kind: row.kind })
      bytes.add({ kind: row.kind }, row.bytes)
    }
  }

  const outbox = createOutboxMetrics(registry)
  const scans = createScanMetrics(registry)
  const restore = createRestoreMetrics(registry)
  const variants = createVariantMetrics(registry)

  return {
    request({ method, route, status, seconds }) {
      requests.add({ method, route, status })
      durations.observe({ method, route }, seconds)
    },

    upload: (outcome) => uploads.add({ outcome }),

    observeBucket(bucket) {
      const observed = s3Operations.map((operation) => {
        const call = bucket[operation] as (...args: unknown[]) => Promise<unknown>
        return [operation, (...args: unknown[]) => timed(operation, () => call(...args))]
      })
      return { ...bucket, ...(Object.fromEntries(observed) as Pick<Bucket, Operation>) }
    },

    observeFinish: (finish) => ({
      async create(files, ticket) {
        const made = await finish.create(files, ticket)
        count(made)
        return made
      },
      async replace(id, from, file) {
        const made = await finish.replace(id, from, file)
        count([made])
        return made
      },
    }),

    watch({ budget, workers, records, scanner, heartbeat, consumers, clock }) {
      registry.read(
        'gauge',
        'tintype_upload_memory_bytes',
        'Memory for uploads: used, and all there is.',
        () => [
          { labels: { of: 'used' }, value: budget.used },
          { labels: { of: 'limit' }, value: budget.bytes },
        ],
      )
      registry.read('gauge', 'tintype_uploads_waiting', 'Uploads that wait for memory.', () => [
        { value: budget.waiting },
      ])
      registry.read(
        'gauge',
        'tintype_files_waiting',
        'Files that wait for a child process to look into them.',
        () =>
          Object.entries(workers).map(([of, lines]) => ({
            labels: { of },
            value: lines.reduce((sum, { waiting }) => sum + waiting, 0),
          })),
      )
      // One query for three numbers: they are scraped one after the other, and answered from one reading.
      let backlog: ReturnType<Records['audit']['backlog']> | undefined
      const ask = () => {
        backlog ??= records.audit.backlog(clock.now(), stuckAfter).finally(() => {
          backlog = undefined
        })
        return backlog
      }
      registry.read('gauge', 'tintype_sweep_due', 'Keys that should have been deleted by now.', async () => [
        { value: (await ask()).due },
      ])
      registry.read(
        'gauge',
        'tintype_sweep_lag_seconds',
        'How long the oldest of them has been due.',
        async () => {
          const { oldest } = await ask()
          return [{ value: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1000 }]
        },
      )
      registry.read('gauge', 'tintype_sweep_stuck', 'Keys whose deletion fails and fails.', async () => [
        { value: (await ask()).stuck },
      ])
      scans.watch(scanner)
      variants.watch({ variants: records.variants, clock })
      restore.watch({ records, heartbeat, clock })
      outbox.watch({ outbox: records.outbox, consumers, clock })
    },

    delivered: outbox.count,
    scanned: scans.count,
    text: () => registry.text(),
  }
}

function readProcess(registry: ReturnType<typeof createRegistry>): void {
  registry.read('gauge', 'process_resident_memory_bytes', 'Resident memory.', () => [
    { value: process.memoryUsage.rss() },
  ])
  registry.read('gauge', 'nodejs_memory_bytes', "Of it, V8's heap and what lies outside it.", () => {
    const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
    return Object.entries({ heapUsed, heapTotal, external, arrayBuffers }).map(([of, value]) => ({
      labels: { of },
      value,
    }))
  })
  registry.read('counter', 'process_cpu_seconds_total', 'Processor time, user and system.', () => {
    const { user, system } = process.cpuUsage()
    return [{ value: (user + system) / 1e6 }]
  })
  registry.read('gauge', 'process_start_time_seconds', 'When the process began, since the epoch.', () => [
    { value: Math.round(performance.timeOrigin) / 1000 },
  ])
}
