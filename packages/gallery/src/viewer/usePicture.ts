import { srcset } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'
import { useState } from 'react'
import { endpoint } from '../api.ts'
import { useFreshUrl } from './useFreshUrl.ts'

/**
 * What an `<img>` of a media needs to be sharp and no larger than that. A size that can't be had now leaves `source`, which
 * was there before; when that fails, too, or was not made yet, the media is fetched again, and `spare` is shown meanwhile.
 *
 * @param source a picture of it that is small enough to be loaded whole; undefined where there is none
 * @param spare a picture for when that can't be had
 * @param sizes how wide it is shown; undefined where `source` alone will do
 */
export function usePicture(media: Media, { source, spare, sizes, onRefresh }: PictureOptions) {
  const [shown, setShown] = useState(false)
  const [isSimple, setSimple] = useState(false)
  const all = isSimple || sizes === undefined ? '' : srcset(media, { endpoint })
  const best = useFreshUrl(media.id, source, onRefresh)
  const second = useFreshUrl(media.id, spare, onRefresh)
  const current = source === undefined || best.broken ? second : best
  const small = current === best ? source : spare
  const url = small ?? (all === '' ? undefined : all.slice(0, all.indexOf(' ')))
  const leaveSizes = () => {
    setSimple(true)
    if (source === undefined) onRefresh(media.id).catch(() => {})
  }
  return {
    shown,
    image:
      url === undefined || current.broken
        ? null
        : {
            src: url,
            ...(all === '' ? {} : { srcSet: all, sizes }),
            onLoad: () => {
              current.onLoad()
              setShown(true)
            },
            onError: () => (all === '' ? current.onError() : leaveSizes()),
          },
  }
}

interface PictureOptions {
  source: string | undefined
  spare: string | undefined
  sizes: string | undefined
  onRefresh: (id: string) => Promise<void>
}
