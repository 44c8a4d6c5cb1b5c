import type { Clock } from '../clock.ts'
import type { VariantRecords } from '../records/variant-records.ts'
import type { Registry } from './registry.ts'

/** How far the variants are behind that are made after an upload has answered. */
export interface VariantMetrics {
  /** Registers numbers that are read at each scrape. */
  watch(parts: { variants: Pick<VariantRecords, 'backlog'>; clock: Pick<Clock, 'now'> }): void
}

export function createVariantMetrics(registry: Registry): VariantMetrics {
  return {
    watch({ variants, clock }) {
      // One reading for three numbers, as with the sweep list.
      let backlog: ReturnType<VariantRecords['backlog']> | undefined
      const ask = () => {
        backlog ??= variants.backlog().finally(() => {
          backlog = undefined
        })
        return backlog
      }
      registry.read('gauge', 'tintype_variants_pending', 'Variants that are still to be made.', async () => [
        { value: (await ask()).pending },
      ])
      registry.read(
        'gauge',
        'tintype_variants_lag_seconds',
        'How long the oldest of them has waited.',
        async () => {
          const { oldest } = await ask()
          return [{ value: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1000 }]
        },
      )
      registry.read(
        'gauge',
        'tintype_variants_failed',
        'Variants that were given up, by the code of the error.',
        async () =>
          (await ask()).failed.map(({ name, code, count }) => ({ labels: { name, code }, value: count })),
      )
    },
  }
}
