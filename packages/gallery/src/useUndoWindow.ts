import { useEffect, useState } from 'react'
import { library } from './api.ts'

/** Whether the server keeps what is deleted for a while. Until that is known, it doesn't. */
export function useUndoWindow(isOpen: boolean): boolean {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!isOpen) return
    library.usage().then(
      ({ undo = 0 }) => setSeconds(undo),
      () => {},
    )
  }, [isOpen])
  return seconds > 0
}
