import { TintypeError } from './errors.ts'

/** The answer to calls after `close()`. */
export function shuttingDown(): TintypeError {
  return new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
}

/** Answers calls after the end with `shutting_down`, instead of with whatever error a closed part throws. */
export interface Gate {
  shut(): void
  /** @throws {TintypeError} `shutting_down` */
  pass(): void
  /** The same methods, which throw once it is closed. */
  guard<Api extends Promising<Api>>(api: Api): Api
}

/** An object of async methods. */
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
