import type { Clock } from '../clock.ts'
import type { OutboxRecords } from '../records/outbox-records.ts'
import type { Registry } from './registry.ts'

/** How far the consumers of the outbox have come. */
export interface OutboxMetrics {
  count(consumer: string, outcome: 'delivered' | 'failed'): void
  /** Registers numbers that are read at each scrape. */
  watch(parts: {
    outbox: Pick<OutboxRecords, 'backlog'>
    consumers: readonly string[]
    clock: Pick<Clock, 'now'>
  }): void
}

export function createOutboxMetrics(registry: Registry): OutboxMetrics {
  let deliveries: ReturnType<Registry['counter']> | undefined

  return {
    count: (consumer, outcome) => deliveries?.add({ consumer, outcome }),

    watch({ outbox, consumers, clock }) {
      if (consumers.length === 0) return
      deliveries = registry.counter(
        'tintype_outbox_deliveries_total',
        'Attempts to deliver events, by outcome.',
      )
      // One query for three numbers, as with the sweep list.
      let backlog: ReturnType<OutboxRecords['backlog']> | undefined
      const ask = () => {
        backlog ??= outbox.backlog().finally(() => {
          backlog = undefined
        })
        return backlog
      }
      type Row = Awaited<ReturnType<OutboxRecords['backlog']>>[number]
      const read = (name: string, help: string, value: (row: Row) => number) =>
        registry.read('gauge', name, help, async () => {
          const rows = await ask()
          return consumers.map((consumer) => {
            const row = rows.find((one) => one.consumer === consumer)
            return { labels: { consumer }, value: row ? value(row) : 0 }
          })
        })
      read('tintype_outbox_pending', 'Events that are to be delivered.', (row) => row.pending)
      read('tintype_outbox_lag_seconds', 'How long ago the oldest of them happened.', ({ oldest }) =>
        oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1000,
      )
      read('tintype_outbox_failed', 'Events that were given up.', (row) => row.failed)
    },
  }
}
