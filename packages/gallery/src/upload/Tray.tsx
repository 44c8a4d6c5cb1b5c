import type { Uploads } from '@tintype/client'
import type { Looking, TintypeUploads } from '@tintype/client/element/uploads'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { reasonOf } from './states.ts'

const texts = {
  error: reasonOf,
  beingLookedAt: 'Being looked at: what you have already is not sent again.',
}

/** What is on its way, has failed or was left out. It is loaded when the page is there: before that there is nothing to show. */
export function Tray({ queue, looking }: { queue: Uploads; looking?: Looking }) {
  const tray = useRef<TintypeUploads>(null)
  const [isLost, setLost] = useState(false)
  // Not by attributes, which it would get before it is loaded.
  useLayoutEffect(() => {
    Object.assign(tray.current ?? {}, { uploads: queue, looking, texts })
  }, [queue, looking])
  useEffect(() => {
    import('@tintype/client/element/uploads').catch(() => setLost(true))
  }, [])
  if (!isLost) return <tintype-uploads ref={tray} floating for="add" />
  // A browser may not ask for a script once more that could not be had.
  return (
    <div className="tray-lost" role="alert">
      <p>Uploads can’t be shown: a part of this page is missing.</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </div>
  )
}
