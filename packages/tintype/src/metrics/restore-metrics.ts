import type { Clock } from '../clock.ts'
import type { HeartbeatRecords } from '../records/heartbeat-records.ts'
import type { LedgerHeartbeat } from '../sweep/heartbeat.ts'
import type { Registry } from './registry.ts'

/** Whether one can go back to an older state of the database, and how far. */
export interface RestoreMetrics {
  /** Registers numbers that are read at each scrape. */
  watch(parts: {
    records: { heartbeat: Pick<HeartbeatRecords, 'read'> }
    heartbeat: Pick<LedgerHeartbeat, 'isPutBack'>
    clock: Pick<Clock, 'now'>
  }): void
}

export function createRestoreMetrics(registry: Registry): RestoreMetrics {
  return {
    watch({ records, heartbeat, clock }) {
      registry.read(
        'gauge',
        'tintype_whole_since_timestamp_seconds',
        'The oldest moment to which the database can be put back without loss, since the epoch.',
        async () => {
          const { at, wholeSince } = await records.heartbeat.read()
          return at === 0 ? [] : [{ value: Math.min(wholeSince, clock.now()) / 1000 }]
        },
      )
      registry.read(
        'gauge',
        'tintype_database_put_back',
        '1 while nothing is deleted because the database is older than the bucket: see tintype restore.',
        () => [{ value: Number(heartbeat.isPutBack) }],
      )
    },
  }
}
