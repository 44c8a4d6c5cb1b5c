import type { Arena, Contestant, RunningContestant } from './contestants.ts'
import type { Outcome } from './load.ts'
import { cpuOf } from './processes.ts'
import { median } from './statistics.ts'

/** One kind of work that everybody is measured at. */
export interface Scenario {
  id: string
  title: string
  run(options: RunOptions): Promise<Findings>
  /** The same work, done by our server alone, for `--profile`. */
  profile?: { contestant: Contestant; work(one: RunningContestant, options: RunOptions): Promise<void> }
}

export interface RunOptions {
  /** A small run, to see that everything works: its figures are not worth keeping. */
  quick: boolean
  /** A commit of this repository to be measured beside what is here now. */
  before?: string | undefined
  /** Tells how far it has got. */
  progress(text: string): void
}

/** What came out, ready to be shown. */
export interface Findings {
  /** A sentence or two on what was done. */
  about: string
  columns: string[]
  rows: string[][]
  targets: Target[]
  charts: Chart[]
}

/** A figure that has to be reached. */
export interface Target {
  text: string
  value: string
  reached: boolean
}

export interface Chart {
  title: string
  bars: { label: string; value: number; ours: boolean }[]
  /** Writes a value as the chart shows it. */
  unit: string
}

export interface Round extends Outcome {
  /** Milliseconds of the server and its children. */
  cpu: number
}

/** By the contestant's id. */
export type Turns = Map<string, Round[]>

/**
 * Lets the contestants work in turns, each round beginning with another one and every second one going backwards, so that
 * whatever else the machine does meanwhile disturbs all alike, and none is always behind the same neighbour.
 */
export async function takeTurns(
  { running }: Arena,
  rounds: number,
  work: (one: RunningContestant) => Promise<Outcome>,
): Promise<Turns> {
  const results: Turns = new Map(running.map(({ id }) => [id, []]))
  for (let round = 0; round < rounds; round++) {
    const order = running.map((_, turn) => running[(round + turn) % running.length] as RunningContestant)
    if (round % 2 === 1) order.reverse()
    for (const one of order) {
      const before = cpuOf(one.pid)
      const outcome = await work(one)
      results.get(one.id)?.push({ ...outcome, cpu: cpuOf(one.pid) - before })
    }
  }
  return results
}

/** `1.23`, `45.6`, `789`: three digits, and no more where there are more. */
export function digits(value: number): string {
  const places = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toFixed(places)
}

/** `median (least to most)` */
export function withSpread(values: readonly number[]): string {
  return `${digits(median(values))} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`
}
