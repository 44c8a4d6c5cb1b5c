import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { chunkMemory } from '../memory/chunk-memory.ts'

/** Limits after which a body is given up. Milliseconds, bytes. */
export interface BodyLimits {
  /** For so long nothing of it comes. */
  silence: number
  /** For so long it comes in all. */
  time?: number
  /** So much of it comes in all. */
  bytes?: number
  /** Whether silence is the sender's, now. @default it always is */
  isAwaited?: () => boolean
}

/** An unwanted body is read away within these limits; one that drips is given up. */
export const drainLimits: BodyLimits = { silence: 5_000, time: 30_000, bytes: 64 * 1024 * 1024 }

/** In each time of silence. */
const looks = 5
const forEver = Number.POSITIVE_INFINITY

/**
 * Watches a body that is read elsewhere.
 *
 * @param giveUp called when it has come to its end, or to these limits; once
 * @returns ends the watch
 */
export function limitBody(
  req: IncomingMessage,
  clock: Clock,
  { silence, time = forEver, bytes: most = forEver, isAwaited = () => true }: BodyLimits,
  giveUp: () => void,
): () => void {
  // Of the connection, since the body may be read by any means.
  const arrived = () => req.socket?.bytesRead ?? 0
  const before = arrived()
  const begun = clock.now()
  let heard = { bytes: 0, at: begun }
  let cancelTimer = clock.after(silence / looks, look)

  function look(): void {
    const now = clock.now()
    const bytes = arrived() - before
    if (bytes > heard.bytes || !isAwaited()) heard = { bytes, at: now }
    const isOver =
      req.complete || req.destroyed || now - heard.at >= silence || now - begun >= time || bytes > most
    if (isOver) finish()
    else cancelTimer = clock.after(silence / looks, look)
  }

  function finish(): void {
    stop()
    giveUp()
  }

  function stop(): void {
    cancelTimer()
    req.off('end', finish)
    req.off('close', finish)
  }

  req.once('end', finish)
  req.once('close', finish)
  return stop
}

/**
 * Reads a body away that nobody wants, within these limits: a sender that is still sending gets its answer.
 *
 * @param giveUp called when it has come to its end, or to the limits; once
 */
export function readAway(req: IncomingMessage, clock: Clock, giveUp: () => void): void {
  const chunks = chunkMemory(req)
  const { bytes: most = forEver } = drainLimits
  let bytes = 0
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    // Many refused requests at once would leave their bodies as garbage.
    chunks.free(chunk)
    // A fast sender has sent a gigabyte before the next look.
    if (bytes > most) finish()
  }
  const stop = limitBody(req, clock, drainLimits, finish)

  function finish(): void {
    stop()
    req.off('data', take)
    giveUp()
  }

  chunks.listen(take)
  req.resume()
}

/**
 * Ends connections on which a body drips on after its answer: Node reads such a body away without a limit.
 *
 * @param server one whose requests have no time limit as a whole
 */
export function limitLeftovers(server: Server, clock: Clock): void {
  const watch = (req: IncomingMessage, res: ServerResponse) => {
    res.once('finish', () => {
      if (req.complete) return
      limitBody(req, clock, drainLimits, () => {
        if (!req.complete) req.socket.destroy()
      })
    })
  }
  server.on('request', watch)
  server.on('checkContinue', watch)
}
