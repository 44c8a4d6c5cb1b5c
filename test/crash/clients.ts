import type { Random } from '@tintype/crash-kit'
import type { Client } from './client.ts'
import { createDirectClient } from './direct.ts'
import type { Files } from './files.ts'
import type { Holder } from './holds.ts'
import {
  type Attempt,
  alone,
  idle,
  intact,
  type Journal,
  type KnownMedia,
  restorable,
  type SentFile,
} from './journal.ts'
import { anySize, createResumableClient } from './resumable.ts'
import { createUndoClient } from './undo.ts'

export interface Clients {
  /** They finish what they are doing. */
  stop(): Promise<void>
}

/** Of all ways in, or of one alone. */
export const mixes = ['everything', 'resumable'] as const
export type Mix = (typeof mixes)[number]

export interface ClientsOptions {
  count: number
  journal: Journal
  client: Client
  files: Files
  random: Random
  /** @default nothing is put on legal hold */
  holder?: Holder | undefined
  /** What they do. @default everything */
  mix?: Mix | undefined
  /** A server that listens; may take a while. */
  server(): Promise<string>
  /** Called before and after each request. */
  onEvent?: () => void
}

/** Number of media from which on clients prefer to delete. */
const maxIdleClients = 40

/** Clients that do one thing after the other, at random, until they are stopped. */
export function startClients(options: ClientsOptions): Clients {
  const { count, journal, client, files, random, holder, mix, server, onEvent = () => {} } = options
  const direct = createDirectClient(journal)
  const resumable = createResumableClient(journal)
  const undo = createUndoClient(journal, client, random)
  const appends = anySize(random)
  let running = true

  async function live(): Promise<void> {
    while (running) {
      const url = await server()
      onEvent()
      await (mix === 'resumable' ? actResumable(url) : act(url))
      onEvent()
    }
  }

  const attempt = (sent: SentFile[], key: string | undefined): Attempt => {
    const one = { key, files: sent, ids: undefined }
    journal.attempts.push(one)
    return one
  }
  /** Attempts on their way. They are not sent again: the answer may be deleted while the other is still being made. */
  const busy = new Set<Attempt>()
  async function send(one: Attempt, work: () => Promise<unknown>): Promise<void> {
    busy.add(one)
    await work().finally(() => busy.delete(one))
  }
  const upload = (url: string, one: Attempt, again?: { times: number }) =>
    send(one, () => client.upload(url, one, again))
  const newKey = () => `key-${random.integer(0, 2 ** 32)}-${random.integer(0, 2 ** 32)}`

  async function act(url: string): Promise<unknown> {
    const media = random.pick(idle(journal))
    const large = idle(journal).find((one) => one.bytes > 5 * 1024 ** 2)
    if (large !== undefined) return alone([large], () => client.remove(url, large))
    if (random.chance(0.02)) return upload(url, attempt([files.longVideo()], newKey()))
    if (random.chance(0.03)) return upload(url, attempt([files.longPlacedVideo()], newKey()))
    if (random.chance(0.03)) return direct.upload(server, attempt([files.longPlacedVideo()], undefined))
    if (random.chance(0.03)) return direct.upload(server, attempt([files.placedVideo()], undefined))
    if (random.chance(0.02)) return direct.upload(server, attempt([files.hugeVideo()], undefined))
    if (random.chance(0.04)) return resumable.upload(server, attempt([files.hugeVideo()], undefined), appends)
    if (random.chance(0.03))
      return resumable.upload(server, attempt([files.longPlacedVideo()], undefined), appends)
    if (random.chance(0.08)) return resumable.upload(server, attempt([files.photo()], undefined), appends)
    if (random.chance(0.03)) return concatenate(files.photo())
    if (random.chance(0.01)) return resumable.offerUnsound(server, files.unsound())
    if (random.chance(0.02)) return resumable.cancel(server, files.hugeVideo())
    // More often than people do: while others are killed, and while the sweeper comes for it.
    if (random.chance(0.2) && restorable(journal).length > 0) return bringBack(url)
    const dice = random.next() * (idle(journal).length > maxIdleClients ? 1.4 : 1)
    if (dice < 0.22 || media === undefined) {
      return upload(url, attempt([files.photo()], random.chance(0.6) ? newKey() : undefined))
    }
    if (dice < 0.3) {
      const several = [files.photo(), files.video(), files.photo()].slice(0, random.integer(1, 3))
      return upload(url, attempt(several, random.chance(0.6) ? newKey() : undefined))
    }
    if (dice < 0.34) return upload(url, attempt([files.photo()], newKey()), { times: 2 })
    if (dice < 0.42) return again(url)
    if (dice < 0.52) return replace(url, media)
    if (dice < 0.62) return alone([media], () => client.read(url, media))
    if (dice < 0.65) return client.list(url)
    if (dice < 0.67) return client.offerUnsound(url, files.unsound())
    if (dice < 0.68) return direct.offerUnsound(server, files.unsound())
    if (dice < 0.7) return direct.cancel(server, files.photo())
    if (dice < 0.77) return direct.upload(server, attempt([files.photo()], undefined))
    if (dice < 0.79 && holder)
      return alone([media], () => (media.held ? holder.release(media) : holder.hold(media)))
    return remove(url, media)
  }

  async function actResumable(url: string): Promise<unknown> {
    const media = random.pick(idle(journal))
    if (media !== undefined && idle(journal).length > maxIdleClients / 2) return remove(url, media)
    const dice = random.next()
    if (dice < 0.03) return resumable.offerUnsound(server, files.unsound())
    if (dice < 0.1) return resumable.cancel(server, files.hugeVideo())
    if (dice < 0.25) return concatenate(dice < 0.15 ? files.longPlacedVideo() : files.photo())
    const file = dice < 0.4 ? files.hugeVideo() : dice < 0.55 ? files.longPlacedVideo() : files.photo()
    return resumable.upload(server, attempt([file], undefined), appends)
  }

  /** In two or three pieces, of any length. */
  async function concatenate(file: SentFile): Promise<void> {
    const { bytes } = file
    const cuts = Array.from({ length: random.integer(1, 2) }, () => random.integer(1, bytes.length - 1))
    const pieces = [...new Set([0, ...cuts])]
      .sort((a, b) => a - b)
      .map((start, index, starts) => bytes.subarray(start, starts[index + 1]))
    const times = random.chance(0.3) ? 2 : 1
    await resumable.concatenate(server, attempt([file], undefined), { pieces, appends, times })
  }

  async function remove(url: string, media: KnownMedia): Promise<void> {
    const final = random.chance(0.2)
    await alone([media], () => client.remove(url, media, { final }))
    // The wrong one: people notice that at once.
    if (!final && media.restorableUntil !== undefined && random.chance(0.4)) await bringBack(url, media)
  }

  async function replace(url: string, media: KnownMedia): Promise<void> {
    await alone([media], () => client.replace(url, media, files.photo()))
    if (media.busy || media.deleted !== 'no' || random.chance(0.5)) return
    await alone([media], () =>
      random.chance(0.7)
        ? undo.restoreVersion(url, media)
        : undo.restoreVersionAndReplace(url, media, files.photo()),
    )
  }

  /** One that was deleted a moment ago, or one whose time is just over: then it is the sweeper's, or the client's. */
  async function bringBack(url: string, removed = random.pick(restorable(journal))): Promise<void> {
    if (removed === undefined || removed.busy) return
    await alone([removed], () =>
      random.chance(0.12) ? undo.restoreAndRemove(url, removed) : undo.restore(url, removed),
    )
  }

  /** Sends a request again that has no answer, or the same answer to expect. */
  async function again(url: string): Promise<unknown> {
    const withKey = journal.attempts.filter((one) => one.key !== undefined && !busy.has(one))
    const one = random.pick(withKey)
    if (one === undefined) return undefined
    const made = intact(journal, one)
    if (one.ids !== undefined && made === undefined) return undefined
    await alone(made ?? [], () => upload(url, one))
  }

  const clients = Array.from({ length: count }, live)
  return {
    async stop() {
      running = false
      await Promise.all(clients)
    },
  }
}
