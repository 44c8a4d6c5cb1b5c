import { Agent, type RequestOptions, request } from 'node:http'
import { installEarlier } from '../harness/before.ts'
import { type Contestant, doorOf, openArena, type RunningContestant } from '../harness/contestants.ts'
import { photo } from '../harness/inputs.ts'
import { ledgerTurns } from '../harness/ledger.ts'
import { answerOf, hammer, insist, type Outcome, shotAt } from '../harness/load.ts'
import { digits, type Findings, type Scenario, takeTurns, withSpread } from '../harness/scenario.ts'
import { ratios, type Spread } from '../harness/statistics.ts'

/** The last commit without undo. */
const commitBefore = '219990b'
const connections = 32
const most = 1.03

const without = doorOf('without', 'no window', 'node.mjs')
const within = doorOf('within', 'a window of 30 days', 'with-hooks.mjs', { args: ['undo'] })

/** CPU milliseconds of one operation, round by round. */
type Costs = Map<string, number[]>

export const undo: Scenario = {
  id: 'undo',
  title: 'What undo costs: photos of 200 KB that are uploaded and removed, 32 at once',

  async run({ quick, progress, before: commit = commitBefore }) {
    const [count, rounds] = quick ? [300, 2] : [1000, 7]
    const file = await photo(1024, 768, 200_000)
    const root = installEarlier(commit)
    const before = doorOf('before', `before undo (${commit})`, 'node.mjs', { root })
    const all = [before, without, within]
    const arena = await openArena(all)
    const upload = (one: RunningContestant, times: number) =>
      hammer(one.origin, shotAt(one, file), { connections, count: times })
    try {
      for (const one of arena.running) {
        await upload(one, count)
        await remove(one, await list(one, count))
      }
      const uploads = await takeTurns(arena, rounds, async (one) => {
        progress(`uploads: ${one.label}`)
        return upload(one, count)
      })
      const waiting = new Map<string, string[]>()
      for (const one of arena.running) waiting.set(one.id, await list(one, rounds * count))
      const removals = await takeTurns(arena, rounds, async (one) => {
        progress(`removals: ${one.label}`)
        return remove(one, waiting.get(one.id)?.splice(0, count) ?? [])
      })
      const each = (turns: typeof uploads): Costs =>
        new Map([...turns].map(([id, all]) => [id, all.map(({ cpu }) => cpu / count)]))
      const ledger = await ledgerTurns(root, { rounds, count: quick ? 500 : 3000, progress })
      return findings(all, { 'upload, HTTP': each(uploads), 'DELETE, HTTP': each(removals), ...ledger })
    } finally {
      await arena.close()
    }
  },
}

/** Ids of the newest media, more than a page of them. */
async function list({ origin }: RunningContestant, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let cursor = ''; ids.length < count; ) {
    const { body } = await ask(`${origin}/api/media?limit=1000${cursor}`)
    const { media, next } = JSON.parse(body) as {
      media: { id: string }[]
      next: string | null
    }
    ids.push(...media.map(({ id }) => id))
    if (next === null) break
    cursor = `&cursor=${next}`
  }
  return ids.slice(0, count)
}

const ask = (url: string, options: RequestOptions = { agent: false }) =>
  insist(() => {
    const req = request(url, options)
    req.end()
    return answerOf(req)
  })

async function remove({ origin }: RunningContestant, ids: string[]): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const left = ids.values()
  const latencies: number[] = []
  const work = async () => {
    for (const id of left) {
      const begun = performance.now()
      const { status, body } = await ask(`${origin}/api/media/${id}`, { method: 'DELETE', agent })
      if (status !== 204 && status !== 200) throw new Error(`DELETE answered ${status}: ${body}`)
      latencies.push(performance.now() - begun)
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: connections }, work))
  agent.destroy()
  return { seconds: (performance.now() - begun) / 1000, latencies }
}

function findings(all: Contestant[], costs: Record<string, Costs>): Findings {
  const [before, ...now] = all as [Contestant, ...Contestant[]]
  const ratio = (of: Costs, one: Contestant) => ratios(of.get(one.id) ?? [], of.get(before.id) ?? [])
  return {
    about:
      'A JPEG of 200 KB is sent as a form over 32 kept connections to the Node door in a small app, and removed again by ' +
      'DELETE; then the same by the ledger alone (SQLite): reserving two keys and publishing, and removing, with which the bench ' +
      'strikes the two keys off the list where they are due, as DELETE does. With a window DELETE asks S3 for nothing: the ' +
      'sweeper does, when it is over. The version without undo is installed from its commit and takes its turn in the same run; ' +
      'what else has come since is in the ratio.',
    columns: [
      'CPU ms for each',
      ...all.map(({ label }) => label),
      ...now.map(({ label }) => `ratio, ${label}`),
    ],
    rows: Object.entries(costs).map(([what, of]) => [
      what,
      ...all.map(({ id }) => withSpread(of.get(id) ?? [])),
      ...now.map((one) => inWords(ratio(of, one))),
    ]),
    targets: Object.entries(costs).flatMap(([what, of]) =>
      now.map((one) => {
        const { median } = ratio(of, one)
        return {
          text: `${what}, ${one.label}, beside the version before undo: at most ${most}`,
          value: digits(median),
          reached: median <= most,
        }
      }),
    ),
    charts: [],
  }
}

function inWords({ median, least, most }: Spread): string {
  return `${digits(median)} (${digits(least)} to ${digits(most)})`
}
