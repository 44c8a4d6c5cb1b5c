import type { Registry } from './registry.ts'

/** How the app's scans go. */
export interface ScanMetrics {
  /** The scan of a file has ended. @param outcome `passed`, `refused`, `timed_out`, `failed`, or `ended` from outside */
  count(outcome: string): void
  /** Registers numbers that are read at each scrape. */
  watch(scanner: { readonly running: number; readonly waiting: number }): void
}

export function createScanMetrics(registry: Registry): ScanMetrics {
  const scans = registry.counter('tintype_scans_total', 'Scans of files by the app, by how they ended.')
  return {
    count: (outcome) => scans.add({ outcome }),
    watch(scanner) {
      registry.read('gauge', 'tintype_scans', 'Files that the app scans, and that wait for it.', () => [
        { labels: { state: 'running' }, value: scanner.running },
        { labels: { state: 'waiting' }, value: scanner.waiting },
      ])
    },
  }
}
