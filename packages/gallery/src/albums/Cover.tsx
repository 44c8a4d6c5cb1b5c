import { routes } from '@tintype/protocol'
import { useState } from 'react'
import { endpoint } from '../api.ts'
import { PictureIcon } from '../icons.tsx'

/** The picture that stands for an album; a frame where it has none. */
export function Cover({ id }: { id: string | null }) {
  const [broken, setBroken] = useState<string | null>(null)
  if (id === null || broken === id)
    return (
      <span className="album-cover">
        <PictureIcon />
      </span>
    )
  const url = (width: number) => `${endpoint}${routes.mediaImage(id, { width })}`
  return (
    <img
      className="album-cover"
      src={url(320)}
      srcSet={`${url(320)} 320w, ${url(640)} 640w`}
      sizes="(max-width: 30rem) 45vw, 15rem"
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => setBroken(id)}
    />
  )
}
