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
  guard<Api extends Promising<Api>>(api: Api): Api
}

/** Nothing but methods that answer with a promise. */
type Promising<Api> = Record<keyof Api, (...args: never[]) => Promise<unknown>>

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
      const methods = Object.entries<(...args: never[]) => Promise<unknown>>(api)
      const guarded = methods.map(([name, method]) => [
        name,
        async (...args: never[]) => {
          pass()
          return method(...args)
        },
      ])
      return Object.fromEntries(guarded)
    },
  }
}
