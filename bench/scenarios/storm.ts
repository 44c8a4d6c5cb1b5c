import { setTimeout } from 'node:timers/promises'
import { type Contestant, contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { hold, outcomes } from '../harness/held.ts'
import { photo } from '../harness/inputs.ts'
import { hammer, type Shot, shotAt } from '../harness/load.ts'
import { startProbe } from '../harness/probe.ts'
import { memoryOf, watchMemory } from '../harness/processes.ts'
import { digits, type Findings, type Scenario } from '../harness/scenario.ts'

const { pipe, tintype, multerMemory, multerS3, fastify, tus } = contestants
const mebibyte = 1024 * 1024
const budget = 512
const ours: Contestant = { ...tintype, env: { ...tintype.env, MEMORY_BUDGET: `${budget}MB` } }
const entrants = [ours, multerMemory, multerS3, fastify, tus, pipe]

/** Seconds, and how many clients. */
interface Size {
  holding: number
  hold: number
  stalled: number
  patience: number
}

const full: Size = { holding: 100, hold: 10, stalled: 1000, patience: 90 }
const small: Size = { holding: 40, hold: 3, stalled: 100, patience: 10 }

export const storm: Scenario = {
  id: 'storm',
  title: 'The storm: 100 clients hold 16 MB each, then 1,000 stall',

  async run({ quick, progress }) {
    const size = quick ? small : full
    const warmUp = await photo(1024, 768, 200_000)
    // A little less than 16 MiB, since the photo is as large as asked for to a percent.
    const large = await photo(6000, 4000, 15.8 * mebibyte)
    const storms: [Contestant, Storm][] = []
    for (const one of entrants) {
      progress(one.label)
      const arena = await openArena([one])
      const running = arena.running[0] as RunningContestant
      await hammer(running.origin, shotAt(one, warmUp), { connections: 4, count: 20 })
      storms.push([one, await weather(running, shotAt(one, large), size).finally(arena.close)])
    }
    return findings(storms, size)
  },
}

/** Memory in MiB over idle. */
interface Storm {
  peak: number
  /** 15 seconds after the last client has gone. */
  afterwards: number
  held: Map<string, number>
  stalled: Map<string, number>
  health: { median: number; p99: number }
}

async function weather({ origin, pid }: RunningContestant, shot: Shot, size: Size): Promise<Storm> {
  const idle = memoryOf(pid)
  const memory = watchMemory(pid)
  const probe = startProbe(origin)

  const allButLast = shot.before.length - 64 * 1024
  const holding = Array.from({ length: size.holding }, () => hold(origin, shot, allButLast))
  await setTimeout(size.hold * 1000)
  for (const upload of holding) upload.finish()
  const held = await outcomes(holding, setTimeout(size.patience * 1000, undefined, { ref: false }))

  const stalling = Array.from({ length: size.stalled }, () => hold(origin, shot, 64 * 1024))
  const stalled = await outcomes(stalling, setTimeout(size.patience * 1000))

  const peak = memory.stop()
  const health = await probe.stop()
  await setTimeout(15_000)
  const overIdle = (bytes: number) => (bytes - idle) / mebibyte
  return { peak: overIdle(peak), afterwards: overIdle(memoryOf(pid)), held, stalled, health }
}

function findings(storms: [Contestant, Storm][], size: Size): Findings {
  const [, own] = storms[0] as [Contestant, Storm]
  const allowed = new Set(['201', '408', '503'])
  const strange = [...own.held, ...own.stalled].filter(([outcome]) => !allowed.has(outcome))
  const others = strange.reduce((sum, [, count]) => sum + count, 0)
  return {
    about:
      `${size.holding} clients send a photo of 24 megapixels and 16 MiB at once, all but its last 64 KB; ${size.hold} ` +
      `seconds later the rest. Then ${size.stalled} send 64 KB of it and nothing more. Each waits ${size.patience} ` +
      `seconds for an answer. Ours decodes each photo and has a budget of ${budget} MiB (MEMORY_BUDGET). Memory is that ` +
      'of the server and its children over what they had when idle; `/healthz` is asked ten times a second all the while.',
    columns: ['', 'peak MiB over idle', '15 s after', 'holding', 'stalled', 'healthz median ms', 'p99'],
    rows: storms.map(([{ label }, one]) => [
      label,
      digits(one.peak),
      digits(one.afterwards),
      list(one.held),
      list(one.stalled),
      digits(one.health.median),
      digits(one.health.p99),
    ]),
    targets: [
      {
        text: `Peak over idle: at most ${budget + 64} MiB`,
        value: `${digits(own.peak)} MiB`,
        reached: own.peak <= budget + 64,
      },
      { text: 'Clients that get neither 201, 408 nor 503', value: String(others), reached: others === 0 },
      {
        text: '/healthz: under 100 ms at the median',
        value: `${digits(own.health.median)} ms`,
        reached: own.health.median < 100,
      },
    ],
    charts: [
      {
        title: 'The storm: peak memory over idle',
        unit: 'MiB',
        bars: storms.map(([one, { peak }]) => ({ label: one.label, value: peak, ours: one === ours })),
      },
    ],
  }
}

/** `201 x 98, 503 x 2` */
function list(counts: Map<string, number>): string {
  return [...counts].map(([outcome, count]) => `${outcome} x ${count}`).join(', ')
}
