import type { Uploads } from '@tintype/client'
import type { Media } from '@tintype/protocol'
import { useEffect, useRef, useState } from 'react'
import { count } from './format.ts'
import { Header } from './Header.tsx'
import { Photos } from './photos/Photos.tsx'
import { useSelection } from './photos/useSelection.ts'
import { Removed } from './removed/Removed.tsx'
import type { Router } from './routing.ts'
import { SelectionBar } from './SelectionBar.tsx'
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
import { OpenPhoto } from './viewer/OpenPhoto.tsx'

export interface GalleryProps {
  uploads: Uploads
  router: Router
  /** Whether the server is known to show its photos to this browser. */
  isOpen: boolean
  /** Of the person who is signed in; null with the token alone. */
  name: string | null
  /** Null when there is no session to end. */
  onSignOut: ((everywhere?: boolean) => Promise<void>) | null
}

/** The page: every way to add photos, the grid, and the viewer over it. */
export function Gallery({ uploads, router, isOpen, name, onSignOut }: GalleryProps) {
  const { route } = router
  const library = useLibrary(isOpen, route.query)
  const { outline, store } = library
  const [news, setNews] = useState('')
  const picker = useRef<HTMLInputElement>(null)
  const reveal = useRef<((id: string) => boolean) | null>(null)
  const selection = useSelection()
  const { items, add, remove } = uploads

  const dragging = useDrop(add)
  usePaste(add)
  useUploadNews(items, setNews)
  useNoteNews(setNews)

  useEffect(() => {
    for (const item of items) {
      if (!item.media) continue
      store.add([item.media])
      remove(item.id)
    }
  }, [items, store, remove])

  const canUndo = useUndoWindow(isOpen)
  const [asked, setAsked] = useState<{ media: readonly Media[]; go: () => void } | null>(null)
  const deletion = useDeletion({ hide: store.remove, show: store.add })
  /** @param go shows what comes next */
  const deleteSome = (media: readonly Media[], go: () => void) => {
    const now = () => {
      go()
      void deletion.remove(media)
    }
    if (canUndo) now()
    else setAsked({ media, go: now })
  }
  const deleteSelected = () => deleteSome(selection.media, selection.clear)

  const isRemoved = route.at === 'removed'
  const toast = <Toast content={deletion.toast} onDismiss={deletion.dismiss} />

  return (
    <>
      <Header
        picker={picker}
        router={router}
        hasRemoved={canUndo}
        name={name}
        onFiles={add}
        onSignOut={onSignOut}
      />
      <main>
        {isRemoved ? (
          <Removed isOpen={isOpen} onRestored={store.add} onSettled={deletion.settle} />
        ) : (
          <>
            <Usage isOpen={isOpen} shown={outline.count} />
            <Photos
              library={library}
              query={route.query}
              selection={selection}
              uploading={items.some(isBusy)}
              onOpen={(id) => router.open({ at: 'photo', id, query: route.query })}
              onPick={() => picker.current?.click()}
              revealRef={reveal}
            />
          </>
        )}
      </main>
      {selection.ids.size > 0 && (
        <SelectionBar
          selection={selection}
          onDelete={deleteSelected}
          onNews={(text, isError = false) => deletion.say({ text, isError })}
        />
      )}
      <UploadPanel uploads={uploads} picker={picker} />
      <OpenPhoto
        library={library}
        router={router}
        isOpen={isOpen}
        onDelete={(media, go) => deleteSome([media], go)}
        onClosed={(id) => {
          // Nothing below the dialog can take the focus before it is gone.
          if (!reveal.current?.(id)) picker.current?.focus()
        }}
      >
        {toast}
      </OpenPhoto>
      {route.at !== 'photo' && toast}
      {asked && (
        <ConfirmDelete
          what={describe(asked.media)}
          name={asked.media.length === 1 ? (asked.media[0]?.name ?? null) : null}
          onCancel={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null)
            asked.go()
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

function describe(media: readonly Media[]): string {
  const [first] = media
  if (media.length === 1) return first?.kind === 'video' ? 'this video' : 'this photo'
  return count(media.length, 'photo or video', 'photos and videos')
}
