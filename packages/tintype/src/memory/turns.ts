import { subscribe } from 'node:diagnostics_channel'

/**
 * Lets large bodies give way to new connections. Node reads up to 2 MB of each socket in a turn of its event loop, and accepts one
 * connection: what connects behind a hundred uploads, were it only to ask for `/healthz`, waits for a hundred long turns.
 */
export interface Turns {
  /**
   * To be asked after each chunk of a large body.
   *
   * @returns what to wait for before the next one, while connections are being accepted
   */
  wait(): Promise<void> | undefined
}

/** Milliseconds that a body gives way: there may be no end of new connections. */
const longestWait = 100

/** @param options.onAccept calls back for each connection that the process accepts */
export function createTurns({
  onAccept = (listener: () => void) => subscribe('net.server.socket', listener),
  now = () => performance.now(),
} = {}): Turns {
  /** In this turn, and in the one before: within a turn, bodies may be read before connections are accepted. */
  let isAccepting = false
  let wasAccepting = false
  let waiting: { since: number; goOn(): void }[] = []

  onAccept(() => {
    if (!isAccepting && !wasAccepting) setImmediate(endTurn)
    isAccepting = true
  })

  function endTurn(): void {
    wasAccepting = isAccepting
    isAccepting = false
    if (wasAccepting) setImmediate(endTurn)
    const asked = waiting
    waiting = []
    for (const one of asked) {
      if (wasAccepting && now() - one.since < longestWait) waiting.push(one)
      else one.goOn()
    }
  }

  return {
    wait() {
      if (!isAccepting && !wasAccepting) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ since: now(), goOn: resolve })
      return promise
    },
  }
}
