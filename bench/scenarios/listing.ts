import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { contestants, openArena, type RunningContestant } from '../harness/contestants.ts'
import { fillDatabase } from '../harness/million.ts'
import { cpuOf } from '../harness/processes.ts'
import { digits, type Findings, type Scenario, withSpread } from '../harness/scenario.ts'
import { median, percentile, ratios } from '../harness/statistics.ts'

const pageSize = 50
const places = ['first', 'middle', 'last'] as const
type Place = (typeof places)[number]

export const listing: Scenario = {
  id: 'listing',
  title: 'Listing a million photos',

  async run({ quick, progress }) {
    const [rows, requests, rounds] = quick ? [20_000, 50, 3] : [1_000_000, 200, 7]
    const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
    const agent = new Agent({ keepAlive: true })
    try {
      progress(`writing ${rows} rows`)
      const database = join(directory, 'million.db')
      await fillDatabase(database, rows, 'owner')
      const { tintype } = contestants
      const arena = await openArena([{ ...tintype, env: { ...tintype.env, DATABASE_URL: database } }])
      const server = arena.running[0] as RunningContestant
      try {
        const paths = await findPages(server.origin, agent, rows, progress)
        const turns: Turn[] = []
        for (let round = 0; round <= rounds; round++) {
          for (const place of places) {
            const turn = await ask(server, paths[place], agent, requests)
            // The first round warms up.
            if (round > 0) turns.push({ place, ...turn })
          }
        }
        return findings(turns, rows)
      } finally {
        await arena.close()
      }
    } finally {
      agent.destroy()
      await rm(directory, { recursive: true })
    }
  },
}

interface Page {
  media: unknown[]
  next: string | null
}

/** Walks the whole list, and notes where its middle and its last page begin. */
async function findPages(
  origin: string,
  agent: Agent,
  rows: number,
  progress: (text: string) => void,
): Promise<Record<Place, string>> {
  const path = (cursor: string | null, limit = pageSize) =>
    `/api/media?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`
  const stride = 1000
  let cursor: string | null = null
  let middle: string | null = null
  for (let seen = 0; seen < rows - stride; seen += stride) {
    if (seen === rows / 2) middle = cursor
    if (seen % 50_000 === 0) progress(`walking the list: ${seen}`)
    cursor = (await page(origin + path(cursor, stride), agent)).next
  }
  const beforeLast: Page = await page(origin + path(cursor, stride - pageSize), agent)
  const last = await page(origin + path(beforeLast.next), agent)
  if (last.next !== null || last.media.length !== pageSize) throw new Error('The last page is not the last.')
  return { first: path(null), middle: path(middle), last: path(beforeLast.next) }
}

async function page(url: string, agent: Agent): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  get(url, { agent }, resolve).on('error', reject)
  const res = await promise
  if (res.statusCode !== 200) throw new Error(`${url} answered ${res.statusCode}`)
  return (await json(res)) as Page
}

interface Turn {
  place: Place
  latencies: number[]
  /** Milliseconds per page. */
  cpu: number
}

async function ask(server: RunningContestant, path: string, agent: Agent, requests: number) {
  const latencies: number[] = []
  const before = cpuOf(server.pid)
  for (let i = 0; i < requests; i++) {
    const begun = performance.now()
    await page(server.origin + path, agent)
    latencies.push(performance.now() - begun)
  }
  return { latencies, cpu: (cpuOf(server.pid) - before) / requests }
}

function findings(turns: Turn[], rows: number): Findings {
  const of = (place: Place) => turns.filter((turn) => turn.place === place)
  const quantile = (place: Place, fraction: number) =>
    of(place).map(({ latencies }) => percentile(latencies, fraction))
  const cpu = (place: Place) => of(place).map((turn) => turn.cpu)
  const lastToFirst = ratios(cpu('last'), cpu('first')).median
  return {
    about:
      `Pages of ${pageSize} out of ${rows.toLocaleString('en')} photos of one owner on SQLite, asked for over HTTP one ` +
      'after the other; each page has two signed URLs for every photo.',
    columns: ['page', 'p50 ms', 'p99 ms', 'CPU ms'],
    rows: places.map((place) => [
      place,
      withSpread(quantile(place, 0.5)),
      withSpread(quantile(place, 0.99)),
      withSpread(cpu(place)),
    ]),
    targets: [
      {
        text: 'CPU of the last page beside the first: at most 1.1',
        value: digits(lastToFirst),
        reached: lastToFirst <= 1.1,
      },
    ],
    charts: [
      {
        title: `${rows.toLocaleString('en')} photos: CPU per page`,
        unit: 'ms',
        bars: places.map((place) => ({
          label: `${place} page`,
          value: median(cpu(place)),
          ours: true,
        })),
      },
    ],
  }
}
