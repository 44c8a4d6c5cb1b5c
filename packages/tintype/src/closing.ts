import { TintypeError } from './errors.ts'

/** The answer to calls after `close()`. */
export function shuttingDown(): TintypeError {
  return new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
}

/** Answers calls after the end with `shutting_down`, instead of with whatever error a closed part throws. */
export interface Closing {
  /** From now on calls are refused. */
  begin(): void
  /** @throws {TintypeError} `shutting_down` */
  demandOpen(): void
  /** The same methods, which throw once it is closed. */
  guard<Api extends Promising<Api>>(api: Api): Api
}

/** An object of async methods. */
type Promising<Api> = Record<keyof Api, (...args: never[]) => Promise<unknown>>

export function createClosing(): Closing {
  let open = true
  const demandOpen = () => {
    if (!open) throw shuttingDown()
  }
  return {
    begin() {
      open = false
    },
    demandOpen,
    guard(api) {
      const methods = Object.entries<(...args: never[]) => Promise<unknown>>(api)
      const guarded = methods.map(([name, method]) => [
        name,
        async (...args: never[]) => {
          demandOpen()
          return method(...args)
        },
      ])
      return Object.fromEntries(guarded)
    },
  }
}
