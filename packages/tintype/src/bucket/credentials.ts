export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
  /** Until when they are good for anything; undefined: until somebody revokes them. */
  expiration?: Date | undefined
}

/** The provider has failed, and nothing that it gave before is still good. */
export class NoCredentials extends Error {
  override readonly name = 'CredentialsProviderError'
}

/** Credentials that end sooner are as good as none: a request has to arrive and be judged. Milliseconds. */
const shortestLife = 1_000

/**
 * Temporary credentials are renewed by the SDK's provider five minutes before they end, beside the requests. Where that
 * fails for a while (the machine's role service, a credential process), the last ones serve until they end; from then on
 * each request asks the provider and waits for it, so that it recovers by itself.
 *
 * @param provide the SDK's provider, which keeps what it has
 * @returns throws {@link NoCredentials}
 */
export function lastingCredentials<Given extends Credentials>(
  provide: (options?: { forceRefresh?: boolean }) => Promise<Given>,
  now: () => number = Date.now,
): () => Promise<Given> {
  let last: Given | undefined
  const isGood = (one: Credentials) =>
    one.expiration === undefined || one.expiration.getTime() - now() >= shortestLife
  return async () => {
    let cause: unknown
    try {
      last = await provide()
      if (!isGood(last)) last = await provide({ forceRefresh: true })
    } catch (error) {
      cause = error
    }
    if (last && isGood(last)) return last
    throw new NoCredentials(
      cause instanceof Error ? cause.message : 'The credentials that the provider gives have expired.',
      { cause },
    )
  }
}

/** Seconds that a URL signed at `time` may promise: not longer than its credentials live. */
export function secondsWithin({ expiration }: Credentials, time: number, seconds: number): number {
  if (expiration === undefined) return seconds
  return Math.min(seconds, Math.floor((expiration.getTime() - time) / 1000))
}
