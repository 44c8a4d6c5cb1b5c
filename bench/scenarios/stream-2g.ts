import { type Contestant, contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { type Input, video } from '../harness/inputs.ts'
import { fire, shotAt } from '../harness/load.ts'
import { cpuOf, memoryOf, watchMemory } from '../harness/processes.ts'
import { digits, type Findings, type Scenario, withSpread } from '../harness/scenario.ts'
import { median, ratios } from '../harness/statistics.ts'

const { pipe, hashingPipe, tintype, multerMemory, multerS3, fastify, tus } = contestants
const entrants = [tintype, multerMemory, multerS3, fastify, tus, pipe, hashingPipe]
const megabyte = 1e6

export const stream2g: Scenario = {
  id: 'stream-2g',
  title: 'One video of 2 GB',

  async run({ quick, progress }) {
    const [bytes, rounds] = quick ? [200 * megabyte, 1] : [2000 * megabyte, 3]
    const file = await video(bytes)
    const runs = new Map<string, Run[]>(entrants.map(({ id }) => [id, []]))
    for (let round = 0; round < rounds; round++) {
      for (const one of entrants) {
        const run = await runAlone(one, file)
        progress(`${one.label}: ${run.failure ?? `${digits(run.speed)} MB/s`}`)
        runs.get(one.id)?.push(run)
      }
    }
    return findings(runs)
  },

  profile: {
    contestant: tintype,
    async work(one, { quick }) {
      await fire(one.origin, shotAt(one, await video((quick ? 200 : 2000) * megabyte)))
    },
  },
}

interface Run {
  /** Milliseconds of CPU per megabyte. */
  cpu: number
  /** Megabytes per second. */
  speed: number
  /** Megabytes over what the server had resident when it had nothing to do. */
  peak: number
  /** What it answered instead of taking the file. */
  failure: string | undefined
}

/** A fresh server for each run: what a run before has left in memory is not held against it. */
async function runAlone(contestant: Contestant, file: Input): Promise<Run> {
  const arena = await openArena([contestant])
  const one = arena.running[0] as RunningContestant
  try {
    await fire(one.origin, shotAt(one, await video(20 * megabyte)))
    const idle = memoryOf(one.pid)
    const before = cpuOf(one.pid)
    const memory = watchMemory(one.pid)
    const begun = performance.now()
    const status = await fire(one.origin, shotAt(one, file)).then(
      (answer) => answer.status,
      () => 'nothing',
    )
    const seconds = (performance.now() - begun) / 1000
    const size = file.size / megabyte
    return {
      cpu: (cpuOf(one.pid) - before) / size,
      speed: size / seconds,
      peak: (memory.stop() - idle) / megabyte,
      failure: status === 201 ? undefined : `answered ${status}`,
    }
  } finally {
    await arena.close()
  }
}

function findings(runs: Map<string, Run[]>): Findings {
  const runsOf = ({ id }: { id: string }) => runs.get(id) ?? []
  const cpu = (one: { id: string }) => runsOf(one).map((run) => run.cpu)
  const peak = Math.max(...runsOf(tintype).map((run) => run.peak))
  const toPipe = ratios(cpu(tintype), cpu(pipe)).median
  const failed = (one: { id: string }) => runsOf(one).find((run) => run.failure !== undefined)?.failure
  const taken = entrants.filter((one) => failed(one) === undefined)
  const bars = (value: (one: Contestant) => number) =>
    taken.map((one) => ({ label: one.label, value: value(one), ours: one === tintype }))
  const works = failed(tintype) === undefined
  return {
    about:
      'An MP4 of 2,000,000,000 bytes whose index comes first, sent as one form (to tus: creation with upload), with a ' +
      'fresh server for each run. Memory is what is resident over what was resident when idle, after a first video of 20 MB.',
    columns: ['', 'CPU ms per MB', 'beside the pipe', 'MB/s', 'peak MB over idle'],
    rows: entrants.map((one) => {
      const failure = failed(one)
      if (failure !== undefined) return [one.label, failure, '', '', '']
      return [
        one.label,
        withSpread(cpu(one)),
        digits(ratios(cpu(one), cpu(pipe)).median),
        digits(median(runsOf(one).map((run) => run.speed))),
        withSpread(runsOf(one).map((run) => run.peak)),
      ]
    }),
    targets: [
      {
        text: 'CPU per MB of the bare pipe: at most 1.8 times',
        value: works ? digits(toPipe) : 'not taken',
        reached: works && toPipe <= 1.8,
      },
      {
        text: 'Peak over idle: under 150 MB, in every run',
        value: works ? `${digits(peak)} MB` : 'not taken',
        reached: works && peak < 150,
      },
    ],
    charts: [
      { title: '2 GB video: CPU per MB', unit: 'ms', bars: bars((one) => median(cpu(one))) },
      {
        title: '2 GB video: peak memory over idle',
        unit: 'MB',
        bars: bars((one) => median(runsOf(one).map((run) => run.peak))),
      },
    ],
  }
}
