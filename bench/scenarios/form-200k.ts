import { contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { photo } from '../harness/inputs.ts'
import { hammer, shotAt } from '../harness/load.ts'
import {
  digits,
  type Findings,
  type Scenario,
  type Turns,
  takeTurns,
  withSpread,
} from '../harness/scenario.ts'
import { median, percentile, ratios } from '../harness/statistics.ts'

const { pipe, hashingPipe, tintype, tintypeUndecoded, multerMemory, multerS3, fastify, tus } = contestants
const peers = [multerMemory, multerS3, fastify, tus]
const connections = 32

export const form200k: Scenario = {
  id: 'form-200k',
  title: 'Photos of 200 KB, 32 connections',

  async run({ quick, progress }) {
    const [uploads, rounds] = quick ? [500, 2] : [2000, 5]
    const file = await photo(1024, 768, 200_000)
    const arena = await openArena([pipe, hashingPipe, tintypeUndecoded, ...peers, tintype])
    const send = (one: RunningContestant, count: number) =>
      hammer(one.origin, shotAt(one, file), { connections, count })
    // The one that decodes costs ten times as much: fewer of them tell enough.
    const countFor = ({ id }: { id: string }) => (id === tintype.id ? uploads / 5 : uploads)
    try {
      // Until V8 has compiled what is hot: a server runs for days, not for the first seconds.
      for (const one of arena.running) await send(one, 2 * countFor(one))
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
    contestant: tintypeUndecoded,
    async work(one, { quick }) {
      const file = await photo(1024, 768, 200_000)
      await hammer(one.origin, shotAt(one, file), { connections, count: quick ? 1000 : 5000 })
    },
  },
}

function findings(turns: Turns): Findings {
  const roundsOf = ({ id }: { id: string }) => turns.get(id) ?? []
  const cpu = (one: { id: string }) => roundsOf(one).map((round) => round.cpu / round.latencies.length)
  const ours = cpu(tintypeUndecoded)
  const entrants = [tintypeUndecoded, tintype, ...peers, pipe, hashingPipe]
  const leastOfPeers = Math.max(...peers.map((peer) => ratios(ours, cpu(peer)).median))
  const toMulter = ratios(ours, cpu(multerMemory)).median
  const toPipe = ratios(ours, cpu(pipe)).median
  return {
    about:
      'A JPEG of 200 KB, sent as a form over 32 kept connections (to tus: creation with upload). CPU is that of the ' +
      "server and its children, user and system, without the client's and the sink's.",
    columns: ['', 'CPU ms per upload', 'beside ours', 'uploads/s', 'p99 ms'],
    rows: entrants.map((one) => [
      one.label,
      withSpread(cpu(one)),
      digits(ratios(cpu(one), ours).median),
      digits(median(roundsOf(one).map((round) => round.latencies.length / round.seconds))),
      digits(median(roundsOf(one).map((round) => percentile(round.latencies, 0.99)))),
    ]),
    targets: [
      {
        text: 'CPU of Multer memory + PutObject: at most half',
        value: digits(toMulter),
        reached: toMulter <= 0.5,
      },
      { text: 'CPU of the cheapest peer: less', value: digits(leastOfPeers), reached: leastOfPeers < 1 },
      { text: 'CPU of the bare pipe: at most 5 times', value: digits(toPipe), reached: toPipe <= 5 },
    ],
    charts: [
      {
        title: '200 KB photo: CPU per upload',
        unit: 'ms',
        bars: entrants
          .filter((one) => one !== tintype)
          .map((one) => ({ label: one.label, value: median(cpu(one)), ours: one === tintypeUndecoded })),
      },
    ],
  }
}
