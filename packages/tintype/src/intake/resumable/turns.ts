import type { Clock } from '../../clock.ts'
import { stillWriting } from './errors.ts'

/**
 * One request at a time works on an upload in this process. A newer one cuts the older one off, which stores what has
 * arrived: its sender has lost the connection, and is the newer one (draft-ietf-httpbis-resumable-upload, Concurrency).
 */
export interface Turns {
  /**
   * @param reason what the request before is told
   * @throws {TintypeError} `upload_locked` while what came by the one before is still being stored
   */
  take(id: string, reason: () => Error): Promise<Turn>
  /** Cuts all off, and waits for them. */
  drain(reason: () => Error): Promise<void>
}

export interface Turn {
  /** Aborts when another request wants to go on. */
  readonly cut: AbortSignal
  end(): void
}

/** Milliseconds for storing what has arrived of a request that was cut off. */
const patience = 15_000

export function createTurns(clock: Clock): Turns {
  const active = new Map<string, { cut: AbortController; ended: Promise<void> }>()

  async function cutOff(id: string, reason: () => Error): Promise<void> {
    const one = active.get(id)
    if (!one) return
    one.cut.abort(reason())
    const limit = Promise.withResolvers<void>()
    const cancel = clock.after(patience, () => limit.reject(stillWriting()))
    await Promise.race([one.ended, limit.promise]).finally(cancel)
  }

  return {
    async take(id, reason) {
      while (active.has(id)) await cutOff(id, reason)
      const cut = new AbortController()
      const { promise, resolve } = Promise.withResolvers<void>()
      const turn = { cut, ended: promise }
      active.set(id, turn)
      return {
        cut: cut.signal,
        end() {
          if (active.get(id) === turn) active.delete(id)
          resolve()
        },
      }
    },

    async drain(reason) {
      while (active.size > 0) {
        const all = [...active.values()]
        for (const one of all) one.cut.abort(reason())
        await Promise.all(all.map(({ ended }) => ended))
      }
    },
  }
}
