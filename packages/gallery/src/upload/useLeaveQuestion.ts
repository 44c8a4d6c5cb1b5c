import { useEffect } from 'react'
import { leaves } from '../person.ts'

/** Has the browser ask before the page is left while something is under way. */
export function useLeaveQuestion(isBusy: boolean): void {
  useEffect(() => {
    if (!isBusy) return
    const ask = (event: BeforeUnloadEvent) => leaves() || event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isBusy])
}
