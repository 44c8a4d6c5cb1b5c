import type { Uploads } from '@tintype/client'
import type { Media } from '@tintype/protocol'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { library as server } from './api.ts'
import { Header } from './Header.tsx'
import { Photos } from './photos/Photos.tsx'
import { focusTile, shownThumb } from './photos/Tile.tsx'
import type { Router } from './routing.ts'
import { Toast } from './Toast.tsx'
import { Usage } from './Usage.tsx'
import { DropOverlay } from './upload/DropOverlay.tsx'
import { isBusy, UploadPanel } from './upload/UploadPanel.tsx'
import { useDrop } from './upload/useDrop.ts'
import { usePaste } from './upload/usePaste.ts'
import { useNoteNews, useUploadNews } from './upload/useUploadNews.ts'
import { useDeletion } from './useDeletion.ts'
import { useLibrary } from './useLibrary.ts'
import { useUndoWindow } from './useUndoWindow.ts'
import { ConfirmDelete } from './viewer/ConfirmDelete.tsx'
import { Viewer } from './viewer/Viewer.tsx'

export interface GalleryProps {
  uploads: Uploads
  router: Router
  /** Whether the server is known to show its photos to this browser. */
  isOpen: boolean
  /** Null when there is no session to end. */
  onSignOut: (() => Promise<void>) | null
}

/** The page: every way to add photos, the grid, and the viewer over it. */
export function Gallery({ uploads, router, isOpen, onSignOut }: GalleryProps) {
  const { route, open: openRoute, replace, leave } = router
  const library = useLibrary(isOpen)
  const { media, loadMore, add: addToLibrary, remove: removeFromLibrary } = library
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

  const openId = route.at === 'photo' ? route.id : null
  const index = media.findIndex(({ id }) => id === openId)
  const open = media[index]
  const nearEnd = open !== undefined && index >= media.length - 3
  useEffect(() => {
    if (nearEnd) loadMore()
  }, [nearEnd, loadMore])
  const isMissing = isOpen && openId !== null && open === undefined
  useEffect(() => {
    if (isMissing && openId) server.get(openId).then(addToLibrary, () => {})
  }, [isMissing, openId, addToLibrary])

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

  const canUndo = useUndoWindow(isOpen)
  const [asked, setAsked] = useState<Media | null>(null)
  const deletion = useDeletion({
    hide: useCallback((ids) => ids.forEach(removeFromLibrary), [removeFromLibrary]),
    show: useCallback((some) => some.forEach(addToLibrary), [addToLibrary]),
  })
  const close = () => leave({ at: 'photos', query: route.query })
  const show = (id: string) => replace({ at: 'photo', id, query: route.query })
  const deleteOne = (one: Media) => {
    const nextShown = media[index + 1] ?? media[index - 1]
    if (nextShown) show(nextShown.id)
    else close()
    void deletion.remove([one])
  }
  const onDelete = (one: Media) => (canUndo ? deleteOne(one) : setAsked(one))
  const toast = <Toast content={deletion.toast} onDismiss={deletion.dismiss} />

  return (
    <>
      <Header picker={picker} onFiles={add} onSignOut={onSignOut} />
      <main>
        <Usage isOpen={isOpen} shown={media.length} />
        <Photos
          library={library}
          uploading={items.some(isBusy)}
          onOpen={(id) => openRoute({ at: 'photo', id, query: route.query })}
          onPick={() => picker.current?.click()}
        />
      </main>
      <UploadPanel uploads={uploads} picker={picker} />
      {open && (
        <Viewer
          media={open}
          previous={media[index - 1] ?? null}
          next={media[index + 1] ?? null}
          thumbOf={shownThumb}
          onShow={show}
          onClose={close}
          onChanged={library.change}
          onDelete={onDelete}
          onRefresh={library.refresh}
        >
          {toast}
        </Viewer>
      )}
      {!open && toast}
      {asked && (
        <ConfirmDelete
          what={asked.kind === 'video' ? 'this video' : 'this photo'}
          name={asked.name}
          onCancel={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null)
            deleteOne(asked)
          }}
        />
      )}
      <DropOverlay shown={dragging} />
      <p className="visually-hidden" role="status">
        {news}
      </p>
    </>
  )
}
