import type { UploadItem } from '@tintype/client'
import { useEffect, useRef } from 'react'
import { count } from '../format.ts'

/** Tells a screen reader when uploads begin and how they ended, not every step between. */
export function useUploadNews(items: readonly UploadItem[], tell: (news: string) => void): void {
  const busy = items.filter(({ state }) => state === 'queued' || state === 'uploading').length
  const failed = items.filter(({ state }) => state === 'failed').length
  const before = useRef({ busy: 0, started: 0 })

  useEffect(() => {
    const { busy: wasBusy, started } = before.current
    if (busy > wasBusy) {
      before.current.started = wasBusy === 0 ? busy : started + busy - wasBusy
      tell(`Uploading ${count(busy, 'file')}.`)
    } else if (busy === 0 && wasBusy > 0) {
      const trouble = failed > 0 ? ` ${count(failed, 'file')} could not be uploaded.` : ''
      const well = Math.max(0, before.current.started - failed)
      tell(`${count(well, 'file')} uploaded.${trouble}`)
    }
    before.current.busy = busy
  }, [busy, failed, tell])
}
