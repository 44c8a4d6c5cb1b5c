import type { CleanOutcome } from 'tintype/internal/intake/clean/clean-again'
import { createProgressLine, type Terminal } from './progress-line.ts'

/** The output of `tintype clean`: lines for people, or JSON; and on a terminal its progress. */
export interface CleanReport {
  take(outcome: CleanOutcome): void
  readonly totals: Readonly<CleanTotals>
  summary(): void
  close(): void
}

export interface CleanTotals {
  seen: number
  cleaned: number
  unchanged: number
  gone: number
  failed: number
  /** Of those that were cleaned or stay as they are. */
  unsure: number
}

export interface CleanReportOptions {
  json: boolean
  dryRun: boolean
  /** Writes a line of the result. */
  write(line: string): void
  /** Shows the progress, if it is one. */
  terminal: Terminal
  /** How many there are to look at. */
  expected: number
}

export function createCleanReport(options: CleanReportOptions): CleanReport {
  const { json, dryRun, write, terminal, expected } = options
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const totals: CleanTotals = { seen: 0, cleaned: 0, unchanged: 0, gone: 0, failed: 0, unsure: 0 }
  const done = dryRun ? 'to be cleaned' : 'cleaned'
  const progress = createProgressLine(terminal, () => {
    const { seen, cleaned } = totals
    return { done: seen, all: expected, text: `${count(seen)} looked at, ${count(cleaned)} ${done}` }
  })

  return {
    totals,
    take(outcome) {
      totals.seen++
      totals[outcome.outcome]++
      if ('cleaned' in outcome && outcome.cleaned.unsure !== undefined) totals.unsure++
      if (!isWorthALine(outcome)) return
      progress.clear()
      write(json ? JSON.stringify(outcome) : describe(outcome, dryRun))
    },
    summary() {
      progress.clear()
      const { seen, cleaned, failed, unsure } = totals
      if (json)
        return write(JSON.stringify({ type: 'summary', ...totals, seconds: Number(seconds().toFixed(3)) }))
      write(`${count(seen)} looked at in ${seconds().toFixed(1)} s: ${count(cleaned)} ${done}.`)
      if (unsure > 0) {
        write(
          `Of ${count(unsure)} nobody can say that nothing is left: their originals go to their owners alone.`,
        )
      }
      if (failed > 0) write(`${count(failed)} could not be read or written: call it again.`)
    },
    close: progress.close,
  }
}

function isWorthALine(outcome: CleanOutcome): boolean {
  return outcome.outcome !== 'unchanged' || outcome.cleaned.unsure !== undefined
}

function describe(one: CleanOutcome, dryRun: boolean): string {
  const what = `${one.id} ${one.name}`
  if (one.outcome === 'failed') return `failed   ${what}: ${one.error}`
  if (one.outcome === 'gone') return `gone     ${what}: it was removed or replaced meanwhile`
  const { location, identifiers, other, unsure } = one.cleaned
  const removed = [
    location && 'location',
    identifiers && 'identifiers',
    other && 'thumbnails and unknown blocks',
  ]
  const found = removed.filter((part) => part !== false).join(', ')
  const left = unsure === undefined ? '' : `; unsure: ${unsure}`
  if (one.outcome === 'unchanged') return `unsure   ${what}: ${unsure}`
  return `${dryRun ? 'would be' : 'cleaned '} ${what}: ${found === '' ? 'what belongs to it' : found}${left}`
}

const count = (value: number) => value.toLocaleString('en-US')
