import type { Clock } from '../clock.ts'
import type { Requester } from '../sandbox/line.ts'

/**
 * Milliseconds in which what a request has brought is looked into, all files of it together. Browsers and proxies wait
 * for about a minute without a sign of life, our own client too: a 503 has to reach them before that.
 */
const patience = 55_000

const never = new AbortController().signal

/** For whom files are looked into, from now on. @param signal undefined: the sender waits for as long as it takes */
export function createRequester(
  { owner, signal = never }: { owner: string; signal?: AbortSignal | undefined },
  clock: Clock,
): Requester {
  const deadline = clock.now() + patience
  return { owner, signal, timeLeft: () => deadline - clock.now() }
}
