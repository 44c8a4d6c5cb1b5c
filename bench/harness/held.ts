import { request } from 'node:http'
import type { Shot } from './load.ts'
import { answerOf } from './load.ts'

/** An upload whose sender stops in the middle. */
export interface HeldUpload {
  /** The status, or `cut off` when the connection ended without one. */
  outcome: Promise<string>
  /** Sends the rest. */
  finish(): void
  /** Goes away. */
  leave(): void
}

/** Sends the first `bytes` of an upload, on a connection of its own, and nothing more until it is told to. */
export function hold(origin: string, { path, headers, before, after }: Shot, bytes: number): HeldUpload {
  const req = request(origin + path, { method: 'POST', headers, agent: false })
  req.write(before.subarray(0, bytes))
  return {
    outcome: answerOf(req).then(
      ({ status }) => String(status),
      () => 'cut off',
    ),
    finish() {
      req.write(before.subarray(bytes))
      req.end(after)
    },
    leave: () => void req.destroy(),
  }
}

/** How often each outcome came. An upload that has none in time is let go and counts as `no answer`. */
export async function outcomes(
  uploads: HeldUpload[],
  patience: Promise<unknown>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const waiting = uploads.map(async ({ outcome, leave }) => {
    const name = await Promise.race([outcome, patience.then(() => 'no answer')])
    leave()
    counts.set(name, (counts.get(name) ?? 0) + 1)
  })
  await Promise.all(waiting)
  return counts
}
