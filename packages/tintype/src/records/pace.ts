import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Lets the event loop turn between statements that take long together. `node:sqlite` has its results at once, so that a loop of five
 * thousand small transactions would else be one turn, of twenty seconds, in which nobody is answered.
 */
export interface Pace {
  /** Runs a statement, whose time counts. */
  timed<T>(work: () => T): T
  /** To be asked before a connection is taken, never within a transaction. @returns what to wait for */
  wait(): Promise<void> | undefined
}

/** Milliseconds of statements in one turn. Requests that come together take less; less would part those that share a commit. */
const longestTurn = 100

export function createPace({ longest = longestTurn, now = () => performance.now() } = {}): Pace {
  let spent = 0
  let isCounting = false

  function begin(): void {
    isCounting = true
    setImmediate(() => {
      spent = 0
      isCounting = false
    })
  }

  async function untilLess(): Promise<void> {
    // Others that waited may have been faster.
    while (spent >= longest) await nextTurn()
  }

  return {
    timed(work) {
      if (!isCounting) begin()
      const begun = now()
      try {
        return work()
      } finally {
        spent += now() - begun
      }
    },
    wait: () => (isCounting && spent >= longest ? untilLess() : undefined),
  }
}
