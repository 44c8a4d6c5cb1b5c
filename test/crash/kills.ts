import { createMoments, createRandom, type Moments, type Random } from '@tintype/crash-kit'
import type { ServerProcess } from '../support/process.ts'
import { check, compareAtOnce } from './checker.ts'
import { createClient } from './client.ts'
import { type Mix, startClients } from './clients.ts'
import { type FaultCounts, letThingsBreak } from './faults.ts'
import { createFiles } from './files.ts'
import { openHolder } from './holds.ts'
import { createJournal, type Figures } from './journal.ts'
import { sweepAll } from './sweep-all.ts'
import type { World } from './world.ts'

export interface KillsOptions {
  kills: number
  seed: number
  /** Servers at a time, on one database. @default 1 */
  servers?: number
  /** A full check after so many kills. @default 5 */
  checkEvery?: number
  /** What clients do. @default everything */
  mix?: Mix
  onCheck?: (so: KillsResult) => void
}

export interface KillsResult extends Figures {
  kills: number
  /** Servers that were stopped for some seconds before they were killed. */
  pauses: number
  checks: number
  faults: FaultCounts
  violations: string[]
}

/**
 * Clients work at random, S3 and Postgres break at random, and servers are killed at random moments; after every few
 * kills everything stands still, one sweep runs, and the checker looks. Ends at the first check that finds something.
 *
 * The seed gives the same operations, faults and moments again, though not the same interleaving.
 */
export async function killAtRandom(world: World, options: KillsOptions): Promise<KillsResult> {
  const { kills, seed, servers: count = 1, checkEvery = 5, mix, onCheck = () => {} } = options
  const random = createRandom(seed)
  const journal = createJournal()
  const client = createClient(journal)
  const files = await createFiles()
  const faults: FaultCounts = {}
  const result = { kills: 0, pauses: 0, checks: 0, faults, violations: journal.violations }
  const figures = (): KillsResult => ({ ...result, ...journal.figures })

  const start = () => world.start({ UNDO_WINDOW: random.pick(windows) as string })
  let server = await start()
  while (result.kills < kills && journal.violations.length === 0) {
    const events = createMoments()
    letThingsBreak(world, random, faults, events.happen)
    const fleet = createFleet(world, start, [server], count)
    const holder = await openHolder(world)
    const clients = startClients({
      count: 8,
      journal,
      client,
      files,
      random,
      holder,
      mix,
      server: () => fleet.pick(random),
      onEvent: events.happen,
    })
    const until = Math.min(result.kills + checkEvery, kills)
    while (result.kills < until - 1) {
      const victim = await fleet.victim(random)
      await events.after(moment(random), random.integer(0, 25))
      if (count > 1 && random.chance(0.1)) {
        await pause(victim, events)
        result.pauses += 1
      }
      await victim.kill()
      result.kills += 1
    }
    await fleet.victim(random)
    await events.after(moment(random), random.integer(0, 25))
    const stopped = clients.stop()
    result.kills += await fleet.killAll()
    await stopped
    await holder.close()
    await world.calm()
    await compareAtOnce(world, journal)
    await sweepAll(world)
    server = await start()
    await check(world, server.url, journal, client)
    result.checks += 1
    onCheck(figures())
  }
  return figures()
}

/** So that clients who bring back what they have deleted race with the sweeper. */
export const shortWindow = { UNDO_WINDOW: '6' }
/** So that parts are stored before they are full, and put together. */
export const scarceMemory = { MEMORY_BUDGET: '24MB' }
/** Seconds, of each server another one: the longer lets many come back on a slow machine, and is shortened all the time. */
const windows = ['6', '40']

/** Half of the servers die while they are still busy starting their decoders, the others at work. */
const moment = (random: Random) => random.integer(1, random.chance(0.5) ? 60 : 300)

/**
 * Stops a server for longer than its deadlines last, while the others go on and sweep what it has left, and lets it
 * wake up in the middle of what it was doing.
 */
async function pause({ child }: ServerProcess, events: Moments): Promise<void> {
  child.kill('SIGSTOP')
  await elapsed(paused)
  child.kill('SIGCONT')
  await events.after(20, 200)
}

/** More than UPLOAD_DEADLINE, less than that and SWEEP_GRACE. Milliseconds. */
const paused = 4000

const elapsed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** So many servers, each started again when it has gone; until all of them are killed. */
function createFleet(
  { pgProxy }: World,
  start: () => Promise<ServerProcess>,
  running: ServerProcess[],
  count: number,
) {
  const slots: Promise<ServerProcess>[] = []
  let open = true
  for (let slot = 0; slot < count; slot++) keepUp(slot, running[slot])

  function keepUp(slot: number, already?: ServerProcess): void {
    const started = already ? Promise.resolve(already) : insist()
    slots[slot] = started
    void started.then(async (server) => {
      await server.ended
      if (open) keepUp(slot)
    })
  }

  /** Postgres may be cut off just when a server starts: the next one may have more luck. */
  async function insist(): Promise<ServerProcess> {
    for (let tries = 1; ; tries++) {
      try {
        return await start()
      } catch (error) {
        if (!pgProxy || tries === 20) throw error
      }
    }
  }

  return {
    /** The address of one that listens. */
    pick: async (random: Random) => ((await random.pick(slots)) as ServerProcess).url,
    victim: (random: Random) => random.pick(slots) as Promise<ServerProcess>,
    /** @returns how many were killed */
    async killAll(): Promise<number> {
      open = false
      const servers = await Promise.all(slots)
      await Promise.all(servers.map((server) => server.kill()))
      return servers.length
    },
  }
}
