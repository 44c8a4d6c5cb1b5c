import type { Clock } from '../clock.ts'
import type { Requester } from '../workers/queue.ts'

/**
 * Milliseconds for inspecting all files of a request together. Browsers and proxies wait
 * for about a minute without a sign of life, our own client too: a 503 has to reach them before that.
 */
const patience = 55_000

const never = new AbortController().signal

/** The client whose files are inspected. */
export interface Sender extends Requester {
  /** Bytes of the uploads' memory that it holds already, at the most. @default 0 */
  holds?: number
}

/** @param sender.signal undefined: it waits for as long as it takes */
export function createRequester(
  { owner, signal = never, holds = 0 }: { owner: string; signal?: AbortSignal | undefined; holds?: number },
  clock: Clock,
): Sender {
  const deadline = clock.now() + patience
  return { owner, signal, holds, timeLeft: () => deadline - clock.now() }
}
