import type { UploadItem } from '@tintype/client'
import { useEffect } from 'react'
import { isBusy } from './states.ts'

/** On the icon of the installed gallery: how many uploads still wait. Not every browser has one, nor may every page. */
export function useBadge(items: readonly UploadItem[]): void {
  const waiting = items.filter((item) => isBusy(item) || item.state === 'paused').length
  useEffect(() => {
    if ('setAppBadge' in navigator)
      (waiting > 0 ? navigator.setAppBadge(waiting) : navigator.clearAppBadge()).catch(() => {})
  }, [waiting])
}
