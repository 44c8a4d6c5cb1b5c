import type { Usage } from '@tintype/protocol'
import type { Clock } from '../clock.ts'
import type { RunHook } from '../hooks/run.ts'
import type { Quota } from '../records/ledger-types.ts'
import type { UsageRecords } from '../records/usage.ts'
import { readQuotaAnswer } from '../settings/quotas.ts'
import { wrong } from '../settings/shown.ts'
import { type Addition, demandRoom, isLimited, type QuotaLimits, type Quotas } from './room.ts'

/** What one owner may still add, as things were when the upload began. The transaction that publishes decides. */
export interface Room {
  /** @throws {TintypeError} `quota_exceeded` */
  demand(more: Addition): void
}

export interface QuotaKeeper {
  /** What the ledger is to hold an upload of this owner to. */
  of(owner: string): Promise<Quota>
  /** Undefined where nothing is limited: then nothing is asked of the database. */
  room(owner: string): Promise<Room | undefined>
  /**
   * Called where an upload begins, so that nobody sends in vain what can't be kept.
   * @throws {TintypeError} `quota_exceeded`
   */
  demandRoom(owner: string, more: Addition): Promise<void>
  /** @throws {ConfigError} for an owner that is none */
  usage(owner: string): Promise<Usage>
}

export interface QuotaKeeperOptions {
  usage: UsageRecords
  /** Milliseconds in which what is removed can be had again. */
  undo?: number
  run: RunHook
  /** Milliseconds that the app's function may take. */
  time: number
  clock: Clock
}

export function createQuotaKeeper(
  quotas: Quotas | undefined,
  { usage, run, time, clock, undo = 0 }: QuotaKeeperOptions,
): QuotaKeeper {
  /** @throws {TintypeError} `hook_failed`, also for an answer that makes no sense; `hook_timeout`; the app's refusal */
  async function limitsOf(owner: string): Promise<QuotaLimits> {
    if (typeof quotas !== 'function') return quotas ?? {}
    return run('quotas', async () => readQuotaAnswer(await quotas(owner)), { time })
  }

  async function room(owner: string, more?: Addition): Promise<Room | undefined> {
    const limits = await limitsOf(owner)
    if (!isLimited(limits, more)) return undefined
    const used = await usage.of(owner, clock.now(), { kept: limits.kept })
    return { demand: (more) => demandRoom(limits, used, more) }
  }

  return {
    async of(owner) {
      return { limits: await limitsOf(owner), now: clock.now() }
    },
    room: (owner) => room(owner),
    demandRoom: async (owner, more) => (await room(owner, more))?.demand(more),
    async usage(owner) {
      if (typeof owner !== 'string' || owner === '') {
        throw wrong('owner', owner, 'the id of somebody, as authenticate answers with it: a string')
      }
      const limits = await limitsOf(owner)
      const { kept: _, ...numbers } = limits
      const set = Object.entries(numbers).filter(([, limit]) => limit !== undefined)
      return {
        ...(await usage.of(owner, clock.now(), { kept: limits.kept })),
        limits: Object.fromEntries(set),
        ...(undo > 0 ? { undo: undo / 1000 } : {}),
      }
    },
  }
}
