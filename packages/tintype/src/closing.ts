import { TintypeError } from './errors.ts'

/** What is asked for after `close()`. */
export function shuttingDown(): TintypeError {
  return new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
}

/** Answers whoever comes after the end with `shutting_down`, and not with what happens to be broken by then. */
export interface Gate {
  shut(): void
  /** @throws {TintypeError} `shutting_down` */
  pass(): void
  /** The same methods, behind the gate. */
  guard<Api extends object>(api: Api): Api
}

export function createGate(): Gate {
  let open = true
  const pass = () => {
    if (!open) throw shuttingDown()
  }
  return {
    shut() {
      open = false
    },
    pass,
    guard(api) {
      const guarded = Object.entries(api).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          pass()
          return method(...args)
        },
      ])
      return Object.fromEntries(guarded)
    },
  }
}
