import { setTimeout } from 'node:timers/promises'
import { type Contestant, contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import type { Counted } from '../harness/counted.ts'
import { type Input, video } from '../harness/inputs.ts'
import { answerOf, fire, shotAt } from '../harness/load.ts'
import { cpuOf, sharedMemoryOf, watchMemory } from '../harness/processes.ts'
import { digits, type Findings, type Scenario, withSpread } from '../harness/scenario.ts'
import { median, ratios } from '../harness/statistics.ts'
import { openTus } from '../harness/tus.ts'

const megabyte = 1e6
const budget = 256
const ours: Contestant = {
  ...contestants.tintype,
  way: 'tus',
  path: '/api/files',
  env: { ...contestants.tintype.env, MEMORY_BUDGET: `${budget}MB` },
}
const { tus } = contestants
const entrants = [ours, tus]

/** Megabytes of the one request and of the file in appends, how often; how many slow clients, and how long each takes. */
interface Size {
  one: number
  appends: number
  rounds: number
  slow: number
  seconds: number
}

const full: Size = { one: 2000, appends: 500, rounds: 3, slow: 200, seconds: 60 }
const small: Size = { one: 200, appends: 60, rounds: 1, slow: 60, seconds: 10 }
const slowFile = 3 * megabyte

export const resumable: Scenario = {
  id: 'resumable',
  title: 'Resumable uploads by tus: 2 GB in one request, and in appends of 1 MB',

  async run({ quick, progress }) {
    const size = quick ? small : full
    const runs = new Map<string, Runs>(
      entrants.map(({ id }) => [id, { one: [], appends: [], slow: nothing }]),
    )
    for (let round = 0; round < size.rounds; round++) {
      for (const one of entrants) {
        const { one: inOne, appends } = runs.get(one.id) as Runs
        progress(`${one.label}: one request`)
        inOne.push(await runAlone(one, await video(size.one * megabyte), sendAtOnce))
        progress(`${one.label}: appends of 1 MB`)
        appends.push(await runAlone(one, await video(size.appends * megabyte), sendInAppends))
      }
    }
    for (const one of entrants) {
      progress(`${one.label}: slow clients`)
      const found = runs.get(one.id) as Runs
      found.slow = await slowClients(one, size)
    }
    return findings(runs, size)
  },

  profile: {
    contestant: ours,
    work: async (one, { quick }) => sendInAppends(one, await video((quick ? 60 : 500) * megabyte)),
  },
}

interface Runs {
  one: Run[]
  appends: Run[]
  slow: Slow
}

const nothing: Slow = { peak: 0, taken: 0, others: '' }

interface Run {
  /** Milliseconds of CPU per megabyte. */
  cpu: number
  /** Of S3, per gigabyte. */
  requests: number
  /** Bytes that went to S3 and came from it, per byte of the file. */
  traffic: number
}

/** A fresh server for each run: what a run before has left behind is not held against it. */
async function runAlone(
  contestant: Contestant,
  file: Input,
  send: (one: RunningContestant, file: Input) => Promise<void>,
): Promise<Run> {
  const arena = await openArena([contestant])
  const one = arena.running[0] as RunningContestant
  try {
    await send(one, await video(10 * megabyte))
    await setTimeout(quietTime)
    const cpu = cpuOf(one.pid)
    const before = await arena.counted()
    await send(one, file)
    // What is deleted afterwards counts, too.
    await setTimeout(quietTime)
    const after = await arena.counted()
    const of = (name: keyof Counted) => (after[name] - before[name]) / file.size
    return {
      cpu: ((cpuOf(one.pid) - cpu) / file.size) * megabyte,
      requests: of('requests') * 1e9,
      traffic: of('sent') + of('read'),
    }
  } finally {
    await arena.close()
  }
}

/** Milliseconds. */
const quietTime = 500

async function sendAtOnce(one: RunningContestant, file: Input): Promise<void> {
  const { status, body } = await fire(one.origin, shotAt(one, file))
  if (status !== 201) throw new Error(`${one.label} answered ${status}: ${body.slice(0, 500)}`)
}

async function sendInAppends(one: RunningContestant, file: Input): Promise<void> {
  const upload = await openTus(one, file)
  try {
    for (let at = 0; at < file.size; at += megabyte) await upload.append(Math.min(megabyte, file.size - at))
  } finally {
    upload.close()
  }
}

interface Slow {
  /** The most megabytes over idle. */
  peak: number
  /** How many of the uploads were taken, and what came of the others. */
  taken: number
  others: string
}

/** Each sends a whole file in one append, a piece a second, all at once; the slowest takes twice as long as the fastest. */
async function slowClients(contestant: Contestant, { slow, seconds }: Size): Promise<Slow> {
  const arena = await openArena([contestant])
  const one = arena.running[0] as RunningContestant
  try {
    await sendInAppends(one, await video(10 * megabyte))
    const idle = sharedMemoryOf(one.pid)
    const memory = watchMemory(one.pid, sharedMemoryOf)
    const file = await video(slowFile)
    const found = await Promise.all(
      Array.from({ length: slow }, async (_, index) => {
        const upload = await openTus(one, file)
        const piece = Math.ceil(slowFile / (seconds * (2 / 3 + (2 / 3) * (index / slow))))
        const patch = upload.begin(slowFile)
        const answer = answerOf(patch).catch(() => ({ status: 'cut off' }))
        for (let at = 0; at < slowFile; at += piece) {
          patch.write(upload.bytes(at, Math.min(piece, slowFile - at)))
          await setTimeout(1000)
        }
        patch.end()
        const { status } = await Promise.race([
          answer,
          setTimeout(120_000, { status: 'no answer' }, { ref: false }),
        ])
        upload.close()
        return String(status)
      }),
    )
    const others = [...new Set(found)].filter((status) => status !== '204')
    return {
      peak: (memory.stop() - idle) / megabyte,
      taken: found.filter((status) => status === '204').length,
      others: others
        .map((other) => `${other} x ${found.filter((status) => status === other).length}`)
        .join(', '),
    }
  } finally {
    await arena.close()
  }
}

function findings(runs: Map<string, Runs>, size: Size): Findings {
  const runsOf = ({ id }: Contestant) => runs.get(id) as Runs
  const cpu = (one: Contestant, of: 'one' | 'appends') => runsOf(one)[of].map((run) => run.cpu)
  const middle = (one: Contestant, of: 'one' | 'appends', name: keyof Run) =>
    digits(median(runsOf(one)[of].map((run) => run[name])))
  const ratioOf = (of: 'one' | 'appends') => ratios(cpu(ours, of), cpu(tus, of)).median
  const { slow } = runsOf(ours)
  const bars = (of: 'one' | 'appends') =>
    entrants.map((one) => ({ label: one.label, value: median(cpu(one, of)), ours: one === ours }))
  return {
    about:
      `A video of ${size.one} MB in one request (creation with upload), and one of ${size.appends} MB in appends of 1 MB over ` +
      `one kept connection, each to a fresh server; deletions of what is left over included. Then ${size.slow} clients at ` +
      `once, each with a file of 3 MB in one append that takes about ${size.seconds} seconds; ours has a budget of ${budget} MB.`,
    columns: [
      '',
      'one request: CPU ms per MB',
      'S3 requests per GB',
      'S3 bytes per byte',
      '1 MB appends: CPU ms per MB',
      'S3 requests per GB',
      'S3 bytes per byte',
      'slow clients: peak MB over idle',
      'of them taken',
    ],
    rows: entrants.map((one) => [
      one.label,
      withSpread(cpu(one, 'one')),
      middle(one, 'one', 'requests'),
      middle(one, 'one', 'traffic'),
      withSpread(cpu(one, 'appends')),
      middle(one, 'appends', 'requests'),
      middle(one, 'appends', 'traffic'),
      digits(runsOf(one).slow.peak),
      takenOf(runsOf(one).slow, size),
    ]),
    targets: [
      {
        text: 'One request, CPU per MB of @tus/server with its S3 store: at most 0.5',
        value: digits(ratioOf('one')),
        reached: ratioOf('one') <= 0.5,
      },
      {
        text: 'Appends of 1 MB, CPU per MB of @tus/server with its S3 store: at most 0.4',
        value: digits(ratioOf('appends')),
        reached: ratioOf('appends') <= 0.4,
      },
      {
        text: `${size.slow} slow clients: inside the budget of ${budget} MB`,
        value: `${digits(slow.peak)} MB`,
        reached: slow.peak <= budget,
      },
      {
        text: `All of them are taken`,
        value: takenOf(slow, size),
        reached: slow.taken === size.slow,
      },
    ],
    charts: [
      { title: '2 GB by tus in one request: CPU per MB', unit: 'ms', bars: bars('one') },
      { title: 'By tus in appends of 1 MB: CPU per MB', unit: 'ms', bars: bars('appends') },
    ],
  }
}

function takenOf({ taken, others }: Slow, { slow }: Size): string {
  return others === '' ? String(taken) : `${taken} of ${slow}, ${others}`
}
