import type { Uploads } from '@tintype/client'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Header } from './Header.tsx'
import { Photos } from './photos/Photos.tsx'
import { focusTile } from './photos/Tile.tsx'
import { Usage } from './Usage.tsx'
import { DropOverlay } from './upload/DropOverlay.tsx'
import { isBusy, UploadPanel } from './upload/UploadPanel.tsx'
import { useDrop } from './upload/useDrop.ts'
import { usePaste } from './upload/usePaste.ts'
import { useNoteNews, useUploadNews } from './upload/useUploadNews.ts'
import { useLibrary } from './useLibrary.ts'
import { Viewer } from './viewer/Viewer.tsx'

export interface GalleryProps {
  uploads: Uploads
  /** Whether the server is known to show its photos to this browser. */
  isOpen: boolean
  /** Null when there is no session to end. */
  onSignOut: (() => Promise<void>) | null
}

/** The page: every way to add photos, the grid, and the viewer over it. */
export function Gallery({ uploads, isOpen, onSignOut }: GalleryProps) {
  const library = useLibrary(isOpen)
  const { media, loadMore, add: addToLibrary } = library
  const [openId, setOpenId] = useState<string | null>(null)
  const [news, setNews] = useState('')
  const picker = useRef<HTMLInputElement>(null)
  const { items, add, remove } = uploads

  const dragging = useDrop(add)
  usePaste(add)
  useUploadNews(items, setNews)
  useNoteNews(setNews)

  useEffect(() => {
    for (const item of items) {
      if (!item.media) continue
      addToLibrary(item.media)
      remove(item.id)
    }
  }, [items, addToLibrary, remove])

  const index = media.findIndex(({ id }) => id === openId)
  const open = media[index]
  const nearEnd = open !== undefined && index >= media.length - 3
  useEffect(() => {
    if (nearEnd) loadMore()
  }, [nearEnd, loadMore])

  // Nothing below the dialogs can take the focus before they are gone.
  const focusAfter = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (openId !== null) {
      focusAfter.current = openId
    } else if (focusAfter.current !== null) {
      if (!focusTile(focusAfter.current)) picker.current?.focus()
      focusAfter.current = null
    }
  }, [openId])

  const onDeleted = (id: string) => {
    const nextShown = media[index + 1] ?? media[index - 1]
    setNews(`${open?.name ?? 'The photo'} is deleted.`)
    setOpenId(null)
    library.remove(id)
    focusAfter.current = nextShown?.id ?? id
  }

  return (
    <>
      <Header picker={picker} onFiles={add} onSignOut={onSignOut} />
      <main>
        <Usage isOpen={isOpen} shown={media.length} />
        <Photos
          library={library}
          uploading={items.some(isBusy)}
          onOpen={setOpenId}
          onPick={() => picker.current?.click()}
        />
      </main>
      <UploadPanel uploads={uploads} picker={picker} />
      {open && (
        <Viewer
          media={open}
          previous={media[index - 1] ?? null}
          next={media[index + 1] ?? null}
          onShow={setOpenId}
          onClose={() => setOpenId(null)}
          onChanged={library.change}
          onDeleted={onDeleted}
          onRefresh={library.refresh}
        />
      )}
      <DropOverlay shown={dragging} />
      <p className="visually-hidden" role="status">
        {news}
      </p>
    </>
  )
}
