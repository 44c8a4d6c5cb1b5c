import type { Adapter, Target } from './adapter.ts'
import { startClients } from './clients.ts'
import { count, moveOthersIn, untidy, type Violation } from './count.ts'
import { watchEscaped } from './escaped.ts'
import { pickS3Fault } from './faults.ts'
import { createFiles } from './files.ts'
import { createJournal, type Work } from './journal.ts'
import { createKiller } from './killer.ts'
import { createMoments, elapsed } from './moments.ts'
import { createRandom } from './random.ts'
import { s3CallOf } from './s3-operation.ts'
import type { S3Fault } from './s3-proxy.ts'
import { tryOnce } from './trial.ts'
import { createWorld, type World } from './world.ts'

export interface RunOptions {
  /** @default 100 */
  kills?: number
  /** For the same operations, faults and moments again. */
  seed: number
  /** Clients at work. @default 8 */
  clients?: number
  /** The share of requests to S3 that go wrong, 0 to 1. @default 0.12 */
  faultShare?: number
  /** Of this process: where programs are found. */
  path: string
  /** A file for what happened, one line of JSON each. @default none */
  journal?: string
  /** A file for what the backend prints. @default none */
  log?: string
  onKill?: (kills: number) => void
}

/** What came of one run. */
export interface Report {
  backend: string
  seed: number
  /** The day, by UTC. */
  date: string
  seconds: number
  /** How often, by how. */
  kills: Record<string, number>
  clients: number
  /** Requests to S3 that went wrong, by how. */
  faults: Partial<Record<S3Fault, number>>
  work: Work
  recovery: { how: string; seconds: number }
  violations: Violation[]
}

/** Seconds that a backend without a clean-up is given. */
const rest = 5

/**
 * Clients work at random, S3 fails at random, and the backend is killed at random moments and at S3 calls, before and
 * after their effect; then S3 works again, the backend cleans up as it says that it does, and what is wrong is counted.
 *
 * The seed gives the same operations, faults and moments again, though not the same interleaving.
 *
 * @throws when the backend does not start, and when the adapter and the backend do not agree before anything has failed
 * @example
 * const report = await run(adapter, { seed: 1, path: '/usr/bin' })
 * console.log(toMarkdown(report))
 */
export async function run(adapter: Adapter, options: RunOptions): Promise<Report> {
  const { kills = 100, seed, clients: clientCount = 8, path, onKill = () => {} } = options
  const started = performance.now()
  const date = new Date().toISOString().slice(0, 10)
  const random = createRandom(seed)
  const journal = createJournal(options.journal)
  const faults: Report['faults'] = {}
  const killed: Record<string, number> = {}
  const world = await createWorld({ adapter, path, log: options.log })
  const escaped = watchEscaped((error) => journal.note('escaped', { error: String(error) }))
  let clients: ReturnType<typeof startClients> | undefined
  try {
    return await Promise.race([measure(), escaped.fatal])
  } finally {
    void clients?.stop().catch(() => {})
    await world.dispose()
    await journal.close()
    escaped.stop()
  }

  async function measure(): Promise<Report> {
    await moveOthersIn(world)
    await compileOnce(world)
    const files = createFiles(seed, random)
    await tryOnce(world, adapter, journal, files)
    const [events, answers] = [createMoments(), createMoments()]
    const killer = createKiller(random, { events, answers }, world.kill)
    const happen = () => {
      events.happen()
      answers.stir()
    }
    letThingsBreak()
    clients = startClients({
      count: clientCount,
      adapter,
      journal,
      files,
      random,
      url: world.url,
      onEvent: happen,
      onAnswer: answers.happen,
    })
    for (let done = 0; done < kills; done++) {
      await world.url()
      const how = await killer.strike()
      journal.note('kill', { how })
      killed[how] = (killed[how] ?? 0) + 1
      onKill(done + 1)
    }
    await clients.stop()
    calm()
    const recovery = await recover(world, adapter)
    const violations = await count(world, adapter, journal)
    for (const violation of violations) journal.note('violation', { violation })
    const seconds = Math.round((performance.now() - started) / 1000)
    return {
      backend: adapter.name,
      seed,
      date,
      seconds,
      kills: killed,
      clients: clientCount,
      faults,
      work: journal.work,
      recovery,
      violations,
    }

    function letThingsBreak(): void {
      world.proxy.faults.pick = (req) => {
        const call = s3CallOf(req)
        killer.seen(call)
        happen()
        const fault = documented(pickS3Fault(random, req, options.faultShare), call.operation)
        if (fault) faults[fault] = (faults[fault] ?? 0) + 1
        journal.note('s3', { ...call, ...(fault && { fault }) })
        return fault
      }
      world.proxy.faults.before = (req, res) => {
        if (!killer.hits(s3CallOf(req), 'before')) return false
        const cut = () => res.destroy()
        void killer.killNow().then(cut, cut)
        return true
      }
      world.proxy.faults.after = async (req) => {
        if (killer.hits(s3CallOf(req), 'after')) await killer.killNow()
      }
    }

    function calm(): void {
      for (const name of ['pick', 'before', 'after'] as const) delete world.proxy.faults[name]
    }
  }
}

/** An error inside 200 is an answer of S3's to a few calls only. */
function documented(fault: S3Fault | undefined, operation: string): S3Fault | undefined {
  return fault === 'error in 200' && !/Copy|^Complete/.test(operation) ? 'slow down' : fault
}

/** Only a process that ends in peace leaves its compiled code behind: later ones start in half the time. */
async function compileOnce(world: World): Promise<void> {
  await world.url()
  await world.rest()
  world.wake()
}

/** Gives the backend the time that it says it needs, or less when nothing is left to be done. */
async function recover(world: World, adapter: Adapter): Promise<Report['recovery']> {
  const { seconds, how, run: clean } = adapter.recovery ?? { seconds: rest, how: 'It has none.' }
  await world.url()
  await world.proxy.idle()
  const started = performance.now()
  const end = started + seconds * 1000
  const target: Target = {
    url: world.url,
    key: 'recover',
    signal: AbortSignal.timeout(seconds * 1000 + 60_000),
  }
  while (performance.now() < end && (await untidy(world, adapter)) > 0) await elapsed(500)
  await clean?.(target, world.given)
  return { how, seconds: Math.round((performance.now() - started) / 1000) }
}
