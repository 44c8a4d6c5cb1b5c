import type { UploadError } from './errors.ts'

/** One question for everything that finds the session at its end. */
export interface SignInGate {
  /** How often somebody has signed in; what is under way notes it at its start. */
  readonly session: number
  /** Nobody is being asked just now. */
  readonly isOpen: boolean
  /**
   * @param session when what failed was begun: an answer that is older than the last sign-in asks nobody again
   * @returns resolves when there is a new session, rejects where there won't be one; undefined: signing in is no help
   */
  renew(error: UploadError, session: number): Promise<void> | undefined
}

export function createSignInGate(signIn: ((error: UploadError) => Promise<void>) | undefined): SignInGate {
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
    get isOpen() {
      return !asking
    },
    renew(error, since) {
      if (!signIn || error.status !== 401) return undefined
      if (since < session) return Promise.resolve()
      asking ??= ask(signIn(error))
      return asking
    },
  }
}
