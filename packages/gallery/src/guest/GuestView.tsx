import { useEffect, useMemo, useRef } from 'react'
import { getTimeline, library } from '../api.ts'
import { count } from '../format.ts'
import { PictureIcon } from '../icons.tsx'
import { Photos } from '../photos/Photos.tsx'
import { createPhotoStore } from '../photos/store.ts'
import { useRouter } from '../routing.ts'
import { dayAndTime } from '../share/words.ts'
import '../styles/photos.css'
import '../styles/scrubber.css'
import '../styles/viewer.css'
import { useStore } from '../useLibrary.ts'
import { OpenPhoto } from '../viewer/OpenPhoto.tsx'
import { folder } from './folder.ts'
import type { GuestPageProps } from './useSharedAlbum.ts'

/** An album as others see it: the same grid and viewer, and nothing that could change it. */
export function GuestView({ album, check }: GuestPageProps) {
  const router = useRouter(folder)
  const look = useRef(() => {})
  const store = useMemo(
    () =>
      createPhotoStore({
        list: ({ cursor, limit }) => library.list({ order: 'taken', cursor, limit }),
        timeline: () => getTimeline(''),
        get: library.get,
        // Guests are told of nothing: the album's version tells them that there is something new.
        live: (listener) => {
          look.current = () => listener({ type: 'reset' })
          return () => {}
        },
        onNew: 'ask',
      }),
    [],
  )
  const shown = useStore(true, store)
  const known = useRef(album.version)
  useEffect(() => {
    if (known.current !== album.version) look.current()
    known.current = album.version
  }, [album.version])
  // Why something could not be loaded may be that the link has ended.
  const { error } = shown
  useEffect(() => {
    if (error !== null) check()
  }, [error, check])

  const { outline } = shown
  const reveal = useRef<((id: string) => boolean) | null>(null)
  const until = album.expiresAt === null ? '' : `, until ${dayAndTime(new Date(album.expiresAt), Date.now())}`
  return (
    <>
      <header className="header guest-header">
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
      </header>
      <main>
        <p className="usage">
          {count(
            shown.phase === 'ready' ? outline.count : album.count,
            'photo or video',
            'photos and videos',
          )}
          , shared with you
          {until}.
        </p>
        <Photos
          library={shown}
          query=""
          visit={router.visit}
          selection={null}
          empty={
            <section className="empty">
              <PictureIcon />
              <h2>Nothing in this album yet</h2>
              <p>What is added to it appears here by itself.</p>
            </section>
          }
          onOpen={(id) => router.open({ at: 'photo', id, query: '' })}
          revealRef={reveal}
        />
      </main>
      <OpenPhoto
        library={shown}
        router={router}
        isOpen
        owner={null}
        onClosed={(id) => void reveal.current?.(id)}
      >
        {null}
      </OpenPhoto>
    </>
  )
}
