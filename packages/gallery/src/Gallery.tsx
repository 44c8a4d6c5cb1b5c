import type { AddedFile, Uploads } from '@tintype/client'
import type { TintypeDrop } from '@tintype/client/element/drop'
import type { Album, Media } from '@tintype/protocol'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { takeOut } from './albums/albums.ts'
import { loadAlbums, useAddToAlbum } from './albums/useAddToAlbum.tsx'
import type { Box } from './api.ts'
import { count, countMedia } from './format.ts'
import { Header } from './Header.tsx'
import { Later } from './Later.tsx'
import { Empty } from './photos/Empty.tsx'
import { Photos } from './photos/Photos.tsx'
import { useSelection } from './photos/useSelection.ts'
import type { Router } from './routing.ts'
import { SelectionBar } from './SelectionBar.tsx'
import { Toast } from './Toast.tsx'
import { Usage } from './Usage.tsx'
import { useSharedNote } from './upload/shared-files.ts'
import { isBusy } from './upload/states.ts'
import { Tray } from './upload/Tray.tsx'
import { useArrivals } from './useArrivals.ts'
import { useDeletion } from './useDeletion.ts'
import { useFocusAfter } from './useFocusAfter.ts'
import { useLibrary } from './useLibrary.ts'
import type { SessionGate } from './useSession.ts'
import { useUsage } from './useUsage.ts'
import { ConfirmDelete } from './viewer/ConfirmDelete.tsx'
import { Details } from './viewer/Details.tsx'
import { OpenPhoto } from './viewer/OpenPhoto.tsx'

export interface GalleryProps {
  uploads: Uploads
  /** The same without what is drawn anew with each change. */
  queue: Uploads
  router: Router
  /** Whether the server is known to show its photos to this browser. */
  isOpen: boolean
  /** Of the person who is signed in; null with the token alone. */
  name: string | null
  hasAlbums: boolean
  /** The box of the server's variant `view`; undefined: the usual one. */
  view: Box | undefined
  /** Null when there is no session to end. */
  onSignOut: SessionGate['signOut'] | null
  /** Told how many chosen files are looked for before they are sent. */
  onLooking: (count: number) => void
}

const loadRemoved = () => import('./removed/Removed.tsx')

/** The page: every way to add photos, the grid, and the viewer over it. */
export function Gallery(props: GalleryProps) {
  const { uploads, queue, router, isOpen, name, hasAlbums, view, onSignOut, onLooking } = props
  const { route } = router
  const { album } = route
  const library = useLibrary(isOpen, route.query, album)
  const { outline, store } = library
  const picker = useRef<TintypeDrop>(null)
  const reveal = useRef<((id: string) => boolean) | null>(null)
  const selection = useSelection()
  const { items } = uploads
  const isAll = route.query === '' && album === undefined && library.isWhole
  const usage = useUsage(isOpen, isAll ? outline.count : null)
  const canUndo = (usage?.undo ?? 0) > 0
  const [asked, setAsked] = useState<{ media: readonly Media[]; go: () => void } | null>(null)
  const focusAfter = useFocusAfter(outline, reveal, picker, selection.ids)
  const show = useCallback(
    (media: readonly Media[]) => {
      if (media[0]) focusAfter(media[0].id)
      store.add(media)
    },
    [focusAfter, store],
  )
  const deletion = useDeletion({ hide: store.remove, show, during: store.during })
  const { say } = deletion
  const tell = useCallback((text: string, isError = false) => say({ text, isError }), [say])
  const { add, looking } = useArrivals({ uploads, store, album, onNews: tell })

  const isOver = route.at === 'photo'
  const addHere = useCallback(
    (files: AddedFile[]) => {
      void add(files)
      // The tray is below the photo.
      if (isOver) tell(`Adding ${count(files.length, 'file')}. Close this photo to see them.`)
    },
    [add, isOver, tell],
  )
  useEffect(() => onLooking(looking.count), [looking.count, onLooking])
  const isAddingFiles = looking.count > 0 || items.some(isBusy)
  useSharedNote(isOpen, tell)

  /** @param go shows what comes next */
  const deleteSome = (media: readonly Media[], go: () => void) => {
    const now = () => {
      go()
      void deletion.remove(media)
    }
    if (canUndo) now()
    else setAsked({ media, go: now })
  }
  /** The selection and its bar go, with the focus. @param next the photo that gets it, or the place of one */
  const leaveSelection = (next: string | number | undefined) => {
    if (next !== undefined) focusAfter(next)
    selection.clear()
  }
  const placeOfSelected = () => {
    const places = selection.media.map(({ id }) => outline.indexOf(id)).filter((at) => at >= 0)
    return places.length === 0 ? undefined : Math.min(...places)
  }
  const deleteSelected = () => deleteSome(selection.media, () => leaveSelection(placeOfSelected()))

  const takeOutSelected = async (id: string) => {
    const { media } = selection
    leaveSelection(placeOfSelected())
    const ids = media.map((one) => one.id)
    store.remove(ids)
    try {
      await takeOut(id, ids)
      const still = media.length === 1 ? 'It is' : 'They are'
      tell(`${countMedia(media)} taken out of the album. ${still} still in your gallery.`)
    } catch (error) {
      store.add(media)
      tell((error as Error).message, true)
    }
  }

  const wasAdded = ({ id, name }: Album) => {
    if (!isOver) leaveSelection(selection.media.at(-1)?.id)
    const open = () => {
      deletion.say(null)
      router.open({ at: 'photos', query: '', album: id })
    }
    deletion.say({ text: `Added to ${name}.`, action: { label: 'Show the album', run: open } })
  }
  const adding = useAddToAlbum({ onAdded: wasAdded, onNews: tell })

  // What is selected is what one sees.
  const { clear } = selection
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another list is shown
  useEffect(() => clear(), [album, route.at === 'albums' || route.at === 'removed', clear])

  const { leave } = router
  const isSearch = route.at === 'photos' && route.query !== '' && selection.ids.size === 0
  useEffect(() => {
    if (!isSearch) return
    const onKeyDown = ({ key, target }: KeyboardEvent) => {
      const isElsewhere = target instanceof Element && target.closest('dialog, input')
      if (key === 'Escape' && !isElsewhere) leave({ at: 'photos', query: '' })
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [isSearch, leave])

  const over = (
    <>
      <Toast content={deletion.toast} onDismiss={deletion.dismiss} />
      {adding.dialog}
    </>
  )

  /** The album that was shown before the list of all of them. */
  const from = useRef<string | undefined>(undefined)
  if (route.at !== 'albums') from.current = album

  const photos = (empty: ReactNode) => (
    <Photos
      library={library}
      query={route.query}
      visit={router.visit}
      selection={selection}
      empty={empty}
      onOpen={(id) => router.open({ ...route, at: 'photo', id })}
      onLeaveSearch={() => {
        router.leave({ at: 'photos', query: '' })
        document.querySelector<HTMLElement>('.brand a')?.focus()
      }}
      revealRef={reveal}
    />
  )
  return (
    <>
      <Header
        picker={picker}
        router={router}
        hasAlbums={hasAlbums}
        // Before it is known, most have: the head of the page moves less.
        hasRemoved={usage === undefined || canUndo}
        name={name}
        onFiles={addHere}
        onSignOut={onSignOut}
      />
      <main>
        {route.at === 'removed' ? (
          <Later part={loadRemoved} what="What was deleted">
            {({ Removed }) => (
              <Removed
                isOpen={isOpen}
                visit={router.visit}
                onRestored={store.add}
                onSettled={deletion.settle}
              />
            )}
          </Later>
        ) : route.at === 'albums' ? (
          <Later part={loadAlbums} what="The albums">
            {({ AlbumList }) => <AlbumList isOpen={isOpen} router={router} from={from.current} />}
          </Later>
        ) : album === undefined ? (
          <>
            <Usage usage={usage} />
            {photos(<Empty uploading={isAddingFiles} onPick={() => picker.current?.choose()} />)}
          </>
        ) : (
          <Later part={loadAlbums} what="The album">
            {({ AlbumPage, EmptyAlbum }) => (
              <AlbumPage key={album} {...{ id: album, isOpen, library, router }} onNews={tell}>
                {photos(
                  <EmptyAlbum
                    uploading={isAddingFiles}
                    onPhotos={() => router.open({ at: 'photos', query: '' })}
                    onPick={() => picker.current?.choose()}
                  />,
                )}
              </AlbumPage>
            )}
          </Later>
        )}
      </main>
      {selection.ids.size > 0 && (
        <SelectionBar
          selection={{ ...selection, clear: () => leaveSelection(selection.media.at(-1)?.id) }}
          onAdd={hasAlbums ? () => adding.open(selection.media) : null}
          onTakeOut={album === undefined ? null : () => void takeOutSelected(album)}
          onDelete={deleteSelected}
          onNews={tell}
        />
      )}
      <Tray queue={queue} looking={looking} />
      <OpenPhoto
        library={library}
        router={router}
        isOpen={isOpen}
        owner={{
          onDelete: (media, go) => deleteSome([media], go),
          onAddToAlbum: hasAlbums ? (media) => adding.open([media]) : null,
          ...{ Details, view },
        }}
        onClosed={(id) => {
          // Nothing below the dialog can take the focus before it is gone.
          if (!reveal.current?.(id)) picker.current?.focus()
        }}
      >
        {over}
      </OpenPhoto>
      {route.at !== 'photo' && over}
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
    </>
  )
}

function describe(media: readonly Media[]): string {
  const [first] = media
  if (media.length === 1) return first?.kind === 'video' ? 'this video' : 'this photo'
  return countMedia(media)
}
