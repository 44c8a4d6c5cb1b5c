import { request } from 'node:http'
import { installEarlier } from '../harness/before.ts'
import { type Contestant, doorOf, openArena, type RunningContestant } from '../harness/contestants.ts'
import { photo } from '../harness/inputs.ts'
import { answerOf, hammer, type Outcome, shotAt } from '../harness/load.ts'
import {
  digits,
  type Findings,
  type Scenario,
  type Turns,
  takeTurns,
  withSpread,
} from '../harness/scenario.ts'
import { ratios, type Spread } from '../harness/statistics.ts'

/** The last commit without hooks, events and what came with them. */
const commitBefore = 'dcca7d7'
const connections = 32

const plain = doorOf('plain', 'no hook', 'node.mjs')
const transform = doorOf('transform', 'a `transform` that returns nothing', 'with-hooks.mjs', {
  args: ['transform'],
})
const outbox = doorOf('outbox', 'an outbox, which is read', 'with-hooks.mjs', { args: ['outbox'] })
const create = doorOf('create', '`media.create` from a Buffer', 'create.mjs')

export const hooks200k: Scenario = {
  id: 'hooks',
  title: 'What hooks cost: photos of 200 KB, 32 at once',

  async run({ quick, progress, before: commit = commitBefore }) {
    const [uploads, rounds] = quick ? [500, 2] : [2000, 25]
    const file = await photo(1024, 768, 200_000)
    const root = installEarlier(commit)
    const before = doorOf('before', `without hooks at all (${commit})`, 'node.mjs', { root })
    const arena = await openArena([before, plain, transform, create, outbox])
    const send = (one: RunningContestant, count: number) =>
      one.id === create.id
        ? createThere(one, count)
        : hammer(one.origin, shotAt(one, file), { connections, count })
    try {
      for (const one of arena.running) {
        if (one.id === create.id) await post(one, '/file', file.head)
        await send(one, 3 * uploads)
      }
      const turns = await takeTurns(arena, rounds, async (one) => {
        const outcome = await send(one, uploads)
        progress(`${one.label}: ${digits(outcome.latencies.length / outcome.seconds)} uploads/s`)
        return outcome
      })
      return findings(turns, before)
    } finally {
      await arena.close()
    }
  },
}

/** The app makes the media itself, as many at once as there are connections elsewhere. */
async function createThere(one: RunningContestant, count: number): Promise<Outcome> {
  const begun = performance.now()
  await post(one, `/create?count=${count}&at-once=${connections}`)
  return { seconds: (performance.now() - begun) / 1000, latencies: Array(count).fill(0) }
}

async function post({ origin }: RunningContestant, path: string, body?: Buffer): Promise<void> {
  const req = request(origin + path, { method: 'POST' })
  req.end(body)
  const { status, body: text } = await answerOf(req)
  if (status !== 201) throw new Error(`${path} answered ${status}: ${text.slice(0, 500)}`)
}

function findings(turns: Turns, before: Contestant): Findings {
  const cpu = ({ id }: Contestant) => (turns.get(id) ?? []).map((round) => round.cpu / round.latencies.length)
  const asked = [
    { one: plain, base: before, most: 1.02, text: 'No hook, beside the version without hooks' },
    { one: transform, base: plain, most: 1.05, text: 'A `transform` that returns nothing, beside no hook' },
    { one: create, base: plain, most: 0.8, text: '`media.create` from a Buffer, beside a form upload' },
    { one: outbox, base: plain, most: 1.1, text: 'With an outbox, beside none' },
  ].map((target) => ({ ...target, ratio: ratios(cpu(target.one), cpu(target.base)) }))
  const ratioOf = (one: Contestant) => asked.find((target) => target.one === one)
  return {
    about:
      'A JPEG of 200 KB, sent as a form over 32 kept connections to the Node door in a small app; `media.create` is called ' +
      'in the app, 32 at once. The decode check is left out, as above, so that what is compared is not drowned in it. The ' +
      'version without hooks is installed from its commit and takes its turn in the same run.',
    columns: ['', 'CPU ms per upload', 'ratio', 'beside'],
    rows: [before, plain, transform, create, outbox].map((one) => {
      const target = ratioOf(one)
      return [one.label, withSpread(cpu(one)), target ? inWords(target.ratio) : '', target?.base.label ?? '']
    }),
    targets: asked.map(({ text, most, ratio }) => ({
      text: `${text}, CPU: at most ${most}`,
      value: digits(ratio.median),
      reached: ratio.median <= most,
    })),
    charts: [],
  }
}

function inWords({ median, least, most }: Spread): string {
  return `${digits(median)} (${digits(least)} to ${digits(most)})`
}
