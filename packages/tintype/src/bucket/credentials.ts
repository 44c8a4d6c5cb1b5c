import { memoize } from '@smithy/core/config'
import type { createAgents } from './agents.ts'
import { loadChain } from './load-chain.ts'

/** What requests are signed with: an access key, or temporary credentials. */
export interface Credentials {
  /** Names the key; no secret. */
  accessKeyId: string
  /** Is not sent: requests are signed with it. */
  secretAccessKey: string
  /** Of temporary credentials. */
  sessionToken?: string | undefined
  /** Until when they are good for anything; no signed URL promises more. @default until somebody revokes them */
  expiration?: Date | undefined
}

/** Gives credentials that are good now. */
export type CredentialsProvider = () => Promise<Credentials>

/** The provider has failed, and nothing that it gave before is still good. */
export class NoCredentials extends Error {
  override readonly name = 'CredentialsProviderError'
}

/**
 * The credentials of a bucket: those that are given, or the SDK's chain, for what is no key of the environment or of a profile
 * (locate.ts): SSO, web identity, process, role of the container or machine.
 *
 * @param options.region in which the chain asks STS for a role
 * @param options.agents by which the chain asks STS and SSO, so that it goes by the same proxy; a machine's own service is
 * always asked directly
 */
export function credentialsOf({
  credentials,
  region,
  agents,
}: {
  credentials: Credentials | CredentialsProvider | undefined
  region: string
  agents: ReturnType<typeof createAgents>
}): CredentialsProvider {
  if (credentials === undefined) return lastingCredentials(chainOfTheSdk(region, agents))
  if (typeof credentials === 'function') return lastingCredentials(keeping(credentials))
  if (credentials.expiration !== undefined) return lastingCredentials(async () => credentials)
  const same = Promise.resolve(credentials)
  return () => same
}

type RefreshingProvider = (options?: { forceRefresh?: boolean }) => Promise<Credentials>

/** The provider of an app is asked again when what it gave is about to end, as the SDK's chain does it. Milliseconds. */
const renewal = 5 * 60_000

function keeping(provide: CredentialsProvider): RefreshingProvider {
  return memoize(
    provide,
    ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < renewal,
    ({ expiration }) => expiration !== undefined,
  )
}

/** The SDK renews temporary credentials five minutes before they end, beside the requests. */
function chainOfTheSdk(region: string, agents: ReturnType<typeof createAgents>): RefreshingProvider {
  const chain = memoize(async () => {
    // It is large, and an app that gives its keys needs none of it.
    const { defaultProvider } = await loadChain()
    const requestHandler = { ...timeouts, httpAgent: agents.http, httpsAgent: agents.https }
    return defaultProvider({
      clientConfig: { requestHandler },
      parentClientConfig: { ...caller, requestHandler },
    } as Parameters<typeof defaultProvider>[0])
  })
  const caller = { region: async () => region }
  const usual = { callerClientConfig: caller }
  return async (options) => (await chain())(options ? { ...options, ...usual } : usual)
}

/** Of requests to STS and SSO. Milliseconds. */
const timeouts = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true }

/** Credentials that end sooner are as good as none: a request has to arrive and be judged. Milliseconds. */
const shortestLife = 1_000

/**
 * Where temporary credentials can't be renewed for a while (the machine's role service, a credential process), the last
 * ones serve until they end; from then on each request asks the provider and waits for it, so that it recovers by itself.
 *
 * @param provide keeps what it has
 * @returns throws {@link NoCredentials}
 */
export function lastingCredentials(
  provide: RefreshingProvider,
  now: () => number = Date.now,
): CredentialsProvider {
  let last: Credentials | undefined
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
