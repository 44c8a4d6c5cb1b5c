import { digits, type Target, withSpread } from '../harness/scenario.ts'
import { median } from '../harness/statistics.ts'
import { type Contestant, contestants } from './contestants.ts'
import type { Run } from './run.ts'

/** By the contestant's id. */
export type Runs = ReadonlyMap<string, readonly Run[]>

export interface Findings {
  columns: string[]
  rows: string[][]
  targets: Target[]
}

/** Times that differ by less than this factor count as equal. */
const alike = 1.01
const megabyte = 1e6
/** Of CPU per GB. */
const mostCpu = 50

/**
 * @param runs of one file size, whole and cut in turns
 * @param options.partSize of ours, in bytes
 * @param options.size of the file, in bytes
 */
export function toFindings(runs: Runs, { size, partSize }: { size: number; partSize: number }): Findings {
  const entrants = contestants.filter(({ id }) => runs.has(id))
  const wholeOf = ({ id }: Contestant) => (runs.get(id) ?? []).filter(({ cut }) => !cut)
  const cutOf = ({ id }: Contestant) => (runs.get(id) ?? []).filter(({ cut }) => cut)
  const seconds = (all: readonly Run[]) => all.map((run) => run.seconds)
  const cpu = (one: Contestant) => wholeOf(one).map((run) => run.cpu / (size / 1e9))
  /** Beyond what a run without a cut needs for requests and headers. */
  const again = (one: Contestant) => {
    const usual = median(wholeOf(one).map(({ extra }) => extra))
    return cutOf(one).map(({ extra }) => (extra - usual) / megabyte)
  }
  const presses = (one: Contestant) => cutOf(one).map(({ cut }) => cut?.presses ?? 0)

  const rows = entrants.map((one) => [
    one.label,
    withSpread(seconds(wholeOf(one))),
    digits(median(wholeOf(one).map((run) => run.sending))),
    withSpread(cpu(one)),
    withSpread(seconds(cutOf(one))),
    withSpread(again(one)),
    String(Math.max(...presses(one))),
  ])
  const columns = [
    '',
    'seconds',
    'to the last byte',
    'server CPU ms per GB',
    'seconds with the cut',
    'MB sent again',
    'presses of Retry',
  ]
  const ours = entrants.find(({ id }) => id === 'tintype')
  if (!ours || entrants.length < contestants.length) return { columns, rows, targets: [] }

  const times = entrants.map((one) => ({ label: one.label, time: median(seconds(wholeOf(one))) }))
  const own = median(seconds(wholeOf(ours)))
  const best = times.reduce((least, each) => (each.time < least.time ? each : least))
  const most = Math.max(...again(ours))
  const connections = Math.min(...cutOf(ours).map(({ cut }) => cut?.connections ?? 0))
  const usage = median(cpu(ours))
  return {
    columns,
    rows,
    targets: [
      {
        text: 'Time: at least as fast as the best, to one percent',
        value: `${own.toFixed(1)} s, the best (${best.label}) ${best.time.toFixed(1)} s`,
        reached: own <= best.time * alike,
      },
      {
        text: 'Sent again after the cut: at most one part of each connection that was sending',
        value: `${digits(most)} MB of ${connections} × ${digits(partSize / megabyte)} MB`,
        reached: most * megabyte <= connections * partSize,
      },
      {
        text: `Server CPU: under ${mostCpu} ms per GB`,
        value: `${digits(usage)} ms`,
        reached: usage < mostCpu,
      },
    ],
  }
}
