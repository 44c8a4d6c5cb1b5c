import { createLibrary } from '@tintype/client/library'
import type { Media } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { Photos } from './Photos.tsx'
import { Uploads } from './Uploads.tsx'

const library = createLibrary({ endpoint: '/api' })

export function Page() {
  const media = useMedia()
  return (
    <>
      <h1>Photos</h1>
      <Uploads />
      <Photos media={media} remove={(id) => library.remove(id)} />
    </>
  )
}

/** The newest photos. `live` tells of all that happens to them, here or in another window. */
function useMedia(): Media[] {
  const [media, setMedia] = useState<Media[]>([])
  useEffect(() => {
    const load = () => library.list({ limit: 60 }).then((page) => setMedia(page.media))
    void load()
    return library.live(() => void load())
  }, [])
  return media
}
