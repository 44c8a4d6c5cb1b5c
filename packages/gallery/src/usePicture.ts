import { srcset } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'
import { useState } from 'react'
import { endpoint } from './api.ts'
import { useFreshUrl } from './useFreshUrl.ts'

/**
 * What an `<img>` of a media needs to be sharp and no larger than that. A size that can't be had now leaves `source`, which
 * was there before; only when that fails, too, is the media fetched again.
 *
 * @param source a picture of it that is small enough to be loaded whole; undefined where there is none
 * @param sizes how wide it is shown; undefined where `source` alone will do
 */
export function usePicture(
  media: Media,
  { source, sizes, onRefresh }: { source: string | undefined; sizes: string | undefined; onRefresh: Refresh },
) {
  const [shown, setShown] = useState(false)
  const [isSimple, setSimple] = useState(false)
  const all = isSimple || sizes === undefined ? '' : srcset(media, { endpoint })
  const fresh = useFreshUrl(media.id, source, onRefresh)
  const url = source ?? (all === '' ? undefined : all.slice(0, all.indexOf(' ')))
  return {
    shown,
    image:
      url === undefined || fresh.broken
        ? null
        : {
            src: url,
            ...(all === '' ? {} : { srcSet: all, sizes }),
            onLoad: () => {
              fresh.onLoad()
              setShown(true)
            },
            onError: () => (all === '' ? fresh.onError() : setSimple(true)),
          },
  }
}

type Refresh = (id: string) => Promise<void>
