import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { load } from './load.ts'
import { Unreachable } from './Unreachable.tsx'

export interface LaterProps<Part> {
  /** Loads it: the same function each time. */
  part: () => Promise<Part>
  /** As a sentence begins that says that it can’t be loaded. */
  what: string
  children: (part: Part) => ReactNode
}

/** Those that are there, which are shown at once when one comes back. */
const loaded = new Map<() => Promise<unknown>, unknown>()

/** A part of the page that is loaded when it is shown, so that a first visit has less to load. */
export function Later<Part>({ part, what, children }: LaterProps<Part>) {
  const [, setCount] = useState(0)
  const [error, setError] = useState<string | null>(null)
  const ask = useCallback(() => {
    setError(null)
    load(part()).then(
      (found) => {
        loaded.set(part, found)
        setCount((count) => count + 1)
      },
      (failure: Error) => setError(failure.message),
    )
  }, [part])
  const found = loaded.get(part) as Part | undefined
  useEffect(() => {
    if (found === undefined) ask()
  }, [found, ask])
  if (found !== undefined) return children(found)
  return error === null ? null : <Unreachable what={what} message={error} onRetry={ask} />
}
