import { contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { type Input, photo } from '../harness/inputs.ts'
import { hammer, type Outcome, shotAt } from '../harness/load.ts'
import {
  digits,
  type Findings,
  type Scenario,
  type Turns,
  takeTurns,
  withSpread,
} from '../harness/scenario.ts'
import { median, percentile, ratios } from '../harness/statistics.ts'

const { tintype, multerSharp, sharpAlone } = contestants
const connections = 4

export const photo12mp: Scenario = {
  id: 'photo-12mp',
  title: 'Photos of 12 megapixels, with a thumbnail',

  async run({ quick, progress }) {
    const [photos, rounds] = quick ? [10, 2] : [60, 7]
    const file = await photo(4000, 3000, 4_000_000)
    const arena = await openArena([tintype, multerSharp, sharpAlone])
    try {
      for (const one of arena.running) {
        if (one.id === sharpAlone.id) await fetch(`${one.origin}/photo`, { method: 'PUT', body: body(file) })
        await send(one, file, connections)
      }
      const turns = await takeTurns(arena, rounds, async (one) => {
        const outcome = await send(one, file, photos)
        progress(`${one.label}: ${digits(photos / outcome.seconds)} photos/s`)
        return outcome
      })
      return findings(turns, photos)
    } finally {
      await arena.close()
    }
  },

  profile: {
    contestant: tintype,
    async work(one, { quick }) {
      await send(one, await photo(4000, 3000, 4_000_000), quick ? 20 : 100)
    },
  },
}

async function send(one: RunningContestant, file: Input, count: number): Promise<Outcome> {
  if (one.id !== sharpAlone.id) return hammer(one.origin, shotAt(one, file), { connections, count })
  const begun = performance.now()
  await fetch(`${one.origin}${one.path}?count=${count}`, { method: 'POST' })
  return { seconds: (performance.now() - begun) / 1000, latencies: [] }
}

const body = (file: Input) => new Uint8Array(file.head)

function findings(turns: Turns, photos: number): Findings {
  const cpu = ({ id }: { id: string }) => (turns.get(id) ?? []).map((round) => round.cpu / photos)
  const entrants = [tintype, multerSharp, sharpAlone]
  const toSharp = ratios(cpu(sharpAlone), cpu(tintype)).median
  return {
    about:
      'A JPEG of 4000 x 3000 pixels and 4 MB, sent as a form over 4 connections; a thumb of 320 pixels (WebP) is made ' +
      'and both are stored. Ours looks into the whole picture before anybody sees it, in child processes, and makes a ' +
      'placeholder too. Sharp alone makes thumbs of one photo in its memory, and receives and stores nothing.',
    columns: ['', 'CPU ms per photo', 'photos per CPU second', 'photos/s', 'p99 ms'],
    rows: entrants.map((one) => {
      const rounds = turns.get(one.id) ?? []
      return [
        one.label,
        withSpread(cpu(one)),
        digits(1000 / median(cpu(one))),
        digits(median(rounds.map((round) => photos / round.seconds))),
        one === sharpAlone ? '' : digits(median(rounds.map((round) => percentile(round.latencies, 0.99)))),
      ]
    }),
    targets: [
      {
        text: 'Photos per CPU second beside sharp alone: at least 0.88',
        value: digits(toSharp),
        reached: toSharp >= 0.88,
      },
    ],
    charts: [
      {
        title: '12-megapixel photo with thumb: CPU per photo',
        unit: 'ms',
        bars: entrants.map((one) => ({
          label: one.label,
          value: median(cpu(one)),
          ours: one === tintype,
        })),
      },
    ],
  }
}
