import type { Usage as OwnerUsage } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { library } from './api.ts'
import { describeUsage } from './format.ts'

export interface UsageProps {
  /** Whether the server is known to show its photos to this browser. */
  isOpen: boolean
  /** How many photos this page knows: when that changes, so has what is used. */
  shown: number
}

/** How much of what may be kept is used, where there is a limit. */
export function Usage({ isOpen, shown }: UsageProps) {
  const [usage, setUsage] = useState<OwnerUsage | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is asked again when the photos have changed
  useEffect(() => {
    if (!isOpen) return
    let isOver = false
    library.usage().then(
      (found) => isOver || setUsage(found),
      // A page without this line is better than one with an error about it.
      () => {},
    )
    return () => {
      isOver = true
    }
  }, [isOpen, shown])

  const text = usage && describeUsage(usage)
  return text ? <p className="usage">{text}</p> : null
}
