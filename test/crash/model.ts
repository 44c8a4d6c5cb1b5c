import { s3Faults } from '@tintype/crash-kit'
import fc from 'fast-check'
import type { ServerProcess } from '../support/process.ts'
import { check, compareAtOnce, compareWithBucket } from './checker.ts'
import { type Client, createClient } from './client.ts'
import { createDirectClient, type DirectClient } from './direct.ts'
import type { Files } from './files.ts'
import { openHolder } from './holds.ts'
import {
  type Attempt,
  createJournal,
  endPromises,
  idle,
  intact,
  type Journal,
  restorable,
  type SentFile,
} from './journal.ts'
import { sweepAll } from './sweep-all.ts'
import type { World } from './world.ts'

/** What is true by what the clients were told: nothing else than the journal. */
export interface Model {
  journal: Journal
}

/** The real thing: a server process and what stands around it. */
export interface Real {
  world: World
  server: ServerProcess
  files: Files
  client: Client
  direct: DirectClient
}

type Command = fc.AsyncCommand<Model, Real>

/** So many photos and videos at the most are told apart by a command's number. */
const place = fc.nat({ max: 5 })

/**
 * What may happen, in any order: uploads by each way in, repetitions, replacements, deletions, faults, crashes,
 * sweeps. After each of them the journal must be without violations.
 */
export const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean()).map(([count, keyed]) =>
    command(
      `upload(${count} files${keyed ? ', with a key' : ''})`,
      ({ journal }, { server, client, files }) => {
        const several = [files.photo(), files.video(), files.photo()].slice(0, count)
        return client.upload(server.url, attempt(journal, several, keyed))
      },
    ),
  ),
  fc.boolean().map((photo) =>
    command(`direct(${photo ? 'photo' : 'video'})`, ({ journal }, { server, direct, files }) => {
      const file = photo ? files.photo() : files.video()
      return direct.upload(async () => server.url, attempt(journal, [file], false))
    }),
  ),
  fc.constant(
    command('offer(unsound)', (_, { server, client, files }) =>
      client.offerUnsound(server.url, files.unsound()),
    ),
  ),
  place.map((n) =>
    command(`upload again(${n})`, async ({ journal }, { server, client }) => {
      const keyed = journal.attempts.filter((one) => one.key !== undefined)
      const one = keyed[n % keyed.length]
      if (one && (one.ids === undefined || intact(journal, one))) await client.upload(server.url, one)
    }),
  ),
  place.map((n) =>
    command(`replace(${n})`, async ({ journal }, { server, client, files }) => {
      const media = at(journal, n)
      if (media) await client.replace(server.url, media, files.photo())
    }),
  ),
  fc.tuple(place, fc.boolean()).map(([n, final]) =>
    command(`remove(${n}${final ? ', for good' : ''})`, async ({ journal }, { server, client }) => {
      const media = at(journal, n)
      if (media) await client.remove(server.url, media, { final })
    }),
  ),
  place.map((n) =>
    command(`restore(${n})`, async ({ journal }, { server, client }) => {
      const all = restorable(journal)
      const media = all[n % all.length]
      if (media) await client.restore(server.url, media)
    }),
  ),
  place.map((n) =>
    command(`hold, or release(${n})`, async ({ journal }, { world }) => {
      const media = at(journal, n)
      if (!media) return
      const holder = await openHolder(world)
      await (media.held ? holder.release(media) : holder.hold(media)).finally(holder.close)
    }),
  ),
  place.map((n) =>
    command(`read(${n})`, async ({ journal }, { server, client }) => {
      const media = at(journal, n)
      if (media) await client.read(server.url, media)
    }),
  ),
  fc
    .record({ fault: fc.constantFrom(...s3Faults), method: fc.constantFrom('PUT', 'DELETE'), nth: fc.nat(2) })
    .map(({ fault, method, nth }) =>
      command(`fault(${fault}, at ${method} ${nth + 1} from now)`, async (_, { world }) => {
        let left = nth
        world.s3Proxy.faults.pick = (req) => (req.method === method && left-- === 0 ? fault : undefined)
      }),
    ),
  fc.constant(command('calm', (_, { world }) => world.calm())),
  fc.nat({ max: 30 }).map((after) =>
    command(`crash(while it works, after ${after} ms)`, async (model, real) => {
      const working = real.client.upload(real.server.url, attempt(model.journal, [real.files.photo()], true))
      await new Promise((resolve) => setTimeout(resolve, after))
      await real.server.kill()
      await working
      real.server = await real.world.start()
    }),
  ),
  fc.constant(
    command('crash, sweep, compare', async (model, real) => {
      await real.server.kill()
      await real.world.calm()
      await sweepAll(real.world)
      endPromises(model.journal)
      await compareWithBucket(real.world, model.journal)
      real.server = await real.world.start()
    }),
  ),
  fc.constant(
    command('crash, sweep, check everything', async (model, real) => {
      await standStill(real, model.journal)
    }),
  ),
]

/** Starts from nothing, does what the commands say, and looks at everything once more. */
export async function run(world: World, files: Files, cmds: Iterable<Command>): Promise<void> {
  const journal = createJournal()
  const real: Real = {
    world,
    files,
    server: await world.start(),
    client: createClient(journal),
    direct: createDirectClient(journal),
  }
  await fc.asyncModelRun(() => ({ model: { journal }, real }), cmds)
  await standStill(real, journal)
  demandNoViolation(journal)
}

async function standStill(real: Real, journal: Journal): Promise<void> {
  await real.server.kill()
  await real.world.calm()
  await compareAtOnce(real.world, journal)
  await sweepAll(real.world)
  endPromises(journal)
  real.server = await real.world.start()
  await check(real.world, real.server.url, journal, real.client)
}

function command(name: string, act: (model: Model, real: Real) => Promise<unknown>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await act(model, real)
      demandNoViolation(model.journal)
    },
    toString: () => name,
  }
}

function demandNoViolation({ violations }: Journal): void {
  if (violations.length > 0) throw new Error(violations.join('\n'))
}

function attempt(journal: Journal, files: SentFile[], keyed: boolean): Attempt {
  // No two files are the same, so neither are two keys; the list of attempts begins anew after each check.
  const key = keyed ? `key-${files[0]?.sha256}` : undefined
  const one = { key, files, ids: undefined }
  journal.attempts.push(one)
  return one
}

function at(journal: Journal, n: number) {
  const media = idle(journal)
  return media[n % media.length]
}
