import { subscribe } from 'node:diagnostics_channel'

/**
 * Keeps turns of the event loop short while many large bodies come at once. Node reads up to 2 MB of each in a turn, and accepts
 * one connection: what connects behind a hundred others, were it only to ask for `/healthz`, waits for a hundred turns.
 */
export interface Turns {
  /**
   * To be asked after each chunk of a body.
   *
   * @returns what to wait for before the next one, where this turn has been long enough, or connections are being accepted.
   * Those that wait go on one by one, a turn for each
   */
  wait(): Promise<void> | undefined
}

/** Milliseconds that a turn reads bodies. */
const longestTurn = 20
/** Milliseconds that a body gives way to connections: there may be no end of new ones. */
const longestWait = 100

/** @param options.onAccept calls back for each connection that the process accepts */
export function createTurns({
  onAccept = (listener: () => void) => subscribe('net.server.socket', listener),
  now = () => performance.now(),
} = {}): Turns {
  /** In this turn, and in the one before: within a turn, bodies may be read before connections are accepted. */
  let isAccepting = false
  let wasAccepting = false
  /** When the first body was read in this turn. */
  let begun: number | undefined
  let isEndAwaited = false
  const waiting: { since: number; goOn(): void }[] = []

  onAccept(() => {
    isAccepting = true
    awaitEnd()
  })

  function awaitEnd(): void {
    if (isEndAwaited) return
    isEndAwaited = true
    setImmediate(endTurn)
  }

  function endTurn(): void {
    isEndAwaited = false
    begun = undefined
    wasAccepting = isAccepting
    isAccepting = false
    const [first] = waiting
    if (first && (!wasAccepting || now() - first.since >= longestWait)) waiting.shift()?.goOn()
    if (wasAccepting || waiting.length > 0) awaitEnd()
  }

  return {
    wait() {
      const time = now()
      begun ??= time
      awaitEnd()
      if (!isAccepting && !wasAccepting && time - begun < longestTurn) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ since: time, goOn: resolve })
      return promise
    },
  }
}
