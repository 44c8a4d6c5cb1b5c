import type { Album, Media } from '@tintype/protocol'
import { type ComponentType, type ReactNode, useState } from 'react'
import { load } from '../load.ts'
import type { AddToAlbumProps } from './AddToAlbum.tsx'

export interface AddToAlbumOptions {
  onAdded: (album: Album) => void
  onNews: (text: string, isError?: boolean) => void
}

export const loadAlbums = () => import('./pages.ts')

/** The dialog that adds photos to an album, which is loaded when it is opened. */
export function useAddToAlbum({ onAdded, onNews }: AddToAlbumOptions): {
  open: (media: readonly Media[]) => void
  dialog: ReactNode
} {
  const [Dialog, setDialog] = useState<ComponentType<AddToAlbumProps> | null>(null)
  const [media, setMedia] = useState<readonly Media[] | null>(null)
  const open = async (some: readonly Media[]) => {
    try {
      const { AddToAlbum } = await load(loadAlbums())
      setDialog(() => AddToAlbum)
      setMedia(some)
    } catch (error) {
      onNews((error as Error).message, true)
    }
  }
  const close = () => setMedia(null)
  const added = (album: Album) => {
    close()
    onAdded(album)
  }
  return {
    open: (some) => void open(some),
    dialog: Dialog && media && <Dialog media={media} onClose={close} onAdded={added} />,
  }
}
