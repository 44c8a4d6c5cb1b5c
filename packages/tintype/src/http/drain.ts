import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'

/**
 * A body that nobody wants is read away until it ends, nothing of it has come for so long, or it has been for so long or
 * so much in all: one that drips is given up as well. Milliseconds, bytes.
 */
const longestSilence = 5_000
const longestDrain = 30_000
const mostDrained = 64 * 1024 * 1024

/**
 * Watches a body that somebody reads away.
 *
 * @param giveUp called when it has come to its end, or to these limits; once
 */
export function limitDrain(req: IncomingMessage, clock: Clock, giveUp: () => void): void {
  // Of the connection, since the body may be read away by any means.
  const arrived = () => req.socket?.bytesRead ?? 0
  const before = arrived()
  const begun = clock.now()
  let heard = { bytes: 0, at: begun }
  let cancelTimer = clock.after(longestSilence / looks, look)

  function look(): void {
    const now = clock.now()
    const bytes = arrived() - before
    if (bytes > heard.bytes) heard = { bytes, at: now }
    const isOver =
      req.complete ||
      req.destroyed ||
      now - heard.at >= longestSilence ||
      now - begun >= longestDrain ||
      bytes > mostDrained
    if (isOver) finish()
    else cancelTimer = clock.after(longestSilence / looks, look)
  }

  function finish(): void {
    cancelTimer()
    req.off('end', finish)
    req.off('close', finish)
    giveUp()
  }

  req.once('end', finish)
  req.once('close', finish)
}

/** In each time of silence. */
const looks = 5
