import { contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { photo } from '../harness/inputs.ts'
import { hammer, shotAt } from '../harness/load.ts'
import {
  digits,
  type Findings,
  type Scenario,
  type Target,
  type Turns,
  takeTurns,
  withSpread,
} from '../harness/scenario.ts'
import { median, percentile, ratios } from '../harness/statistics.ts'

const {
  pipe,
  hashingPipe,
  tintypeNode,
  tintypeWeb,
  tintypeFastify,
  tintypeExpress,
  tintypeUndecoded,
  tintypeDecoding,
  multerMemory,
  multerS3,
  fastify,
  hono,
  tus,
  multerSharp,
} = contestants
const ours = [tintypeNode, tintypeWeb, tintypeFastify, tintypeExpress, tintypeUndecoded]
const peers = [multerMemory, multerS3, fastify, hono, tus]
const decoding = [tintypeDecoding, multerSharp]
/** They cost ten times as much: fewer uploads tell enough. */
const slow = new Set<string>([...decoding, tus].map(({ id }) => id))
const connections = 32

export const form200k: Scenario = {
  id: 'form-200k',
  title: 'Photos of 200 KB, 32 connections',

  async run({ quick, progress }) {
    const [uploads, rounds] = quick ? [500, 2] : [1500, 5]
    const file = await photo(1024, 768, 200_000)
    const arena = await openArena([pipe, hashingPipe, ...ours, ...peers, ...decoding])
    const send = (one: RunningContestant, count: number) =>
      hammer(one.origin, shotAt(one, file), { connections, count })
    const countFor = ({ id }: { id: string }) => (slow.has(id) ? uploads / 5 : uploads)
    try {
      // Until V8 has compiled what is hot: a server runs for days, not for the first seconds.
      for (const one of arena.running) await send(one, 3 * countFor(one))
      const turns = await takeTurns(arena, rounds, async (one) => {
        const outcome = await send(one, countFor(one))
        progress(`${one.label}: ${digits(outcome.latencies.length / outcome.seconds)} uploads/s`)
        return outcome
      })
      return findings(turns)
    } finally {
      await arena.close()
    }
  },

  profile: {
    contestant: tintypeNode,
    async work(one, { quick }) {
      const file = await photo(1024, 768, 200_000)
      await hammer(one.origin, shotAt(one, file), { connections, count: quick ? 1000 : 5000 })
    },
  },
}

function findings(turns: Turns): Findings {
  const roundsOf = ({ id }: { id: string }) => turns.get(id) ?? []
  const cpu = (one: { id: string }) => roundsOf(one).map((round) => round.cpu / round.latencies.length)
  const beside = (one: { id: string }, base: { id: string }) => ratios(cpu(one), cpu(base)).median
  const entrants = [...ours, ...peers, pipe, hashingPipe]
  const target = (text: string, value: number, isReached: (value: number) => boolean): Target => ({
    text,
    value: digits(value),
    reached: isReached(value),
  })
  return {
    about:
      'A JPEG of 200 KB, sent as a form over 32 kept connections (to tus: creation with upload). CPU is that of the ' +
      "server and its children, user and system, without the client's and the sink's. Ours does all that it always does " +
      'but decode the picture, which the peers do not either; in the last two rows both do, and make a thumb of 320 ' +
      'pixels (WebP), ours a placeholder too.',
    columns: ['', 'CPU ms per upload', 'beside ours', 'uploads/s', 'p99 ms'],
    rows: [...entrants, ...decoding].map((one) => [
      one.label,
      withSpread(cpu(one)),
      digits(beside(one, slow.has(one.id) && one !== tus ? tintypeDecoding : tintypeNode)),
      digits(median(roundsOf(one).map((round) => round.latencies.length / round.seconds))),
      digits(median(roundsOf(one).map((round) => percentile(round.latencies, 0.99)))),
    ]),
    targets: [
      target(
        'Node door, CPU of the pipe that hashes: at most 1.35 times',
        beside(tintypeNode, hashingPipe),
        (value) => value <= 1.35,
      ),
      target(
        'Node door, CPU of Multer memory + PutObject: at most 0.42',
        beside(tintypeNode, multerMemory),
        (value) => value <= 0.42,
      ),
      target(
        'Web door, CPU of the Node door: at most 1.25 times',
        beside(tintypeWeb, tintypeNode),
        (value) => value <= 1.25,
      ),
      target(
        'With the decode check, CPU of Multer memory + sharp + PutObject: at most 0.80',
        beside(tintypeDecoding, multerSharp),
        (value) => value <= 0.8,
      ),
      target(
        'Node door, CPU of the cheapest peer: less',
        Math.max(...peers.map((peer) => beside(tintypeNode, peer))),
        (value) => value < 1,
      ),
    ],
    charts: [
      {
        title: '200 KB photo: CPU per upload',
        unit: 'ms',
        bars: entrants.map((one) => ({
          label: one.label,
          value: median(cpu(one)),
          ours: ours.some(({ id }) => id === one.id),
        })),
      },
    ],
  }
}
