import type { UploadError } from './errors.ts'

/** Asks once for a new session on behalf of all uploads that were answered 401. */
export interface SignInPrompt {
  /** Counts sign-ins. An upload notes it when it starts. */
  readonly session: number
  /** The user is being asked: nothing new starts meanwhile. */
  readonly isAsking: boolean
  /**
   * @param since `session` when the failed upload started: if the user has signed in since, no new question is asked
   * @returns resolves with a new session, rejects without one; undefined where signing in doesn't help
   */
  renew(error: UploadError, since: number): Promise<void> | undefined
}

export function createSignInPrompt(
  signIn: ((error: UploadError) => Promise<void>) | undefined,
): SignInPrompt {
  let session = 0
  let asking: Promise<void> | undefined
  const ask = async (asked: Promise<void>) => {
    try {
      await asked
      session++
    } finally {
      asking = undefined
    }
  }
  return {
    get session() {
      return session
    },
    get isAsking() {
      return asking !== undefined
    },
    renew(error, since) {
      if (!signIn || error.status !== 401) return undefined
      if (since < session) return Promise.resolve()
      asking ??= ask(signIn(error))
      return asking
    },
  }
}
