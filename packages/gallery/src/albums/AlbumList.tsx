import type { Album } from '@tintype/protocol'
import { type MouseEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { addressOf } from '../addresses.ts'
import { isFocusLost } from '../focus.ts'
import { describeCount } from '../format.ts'
import { home } from '../home.ts'
import { AddIcon, AlbumIcon } from '../icons.tsx'
import { useNews } from '../news.ts'
import type { Router } from '../routing.ts'
import { Unreachable } from '../Unreachable.tsx'
import { usePlace } from '../usePlace.ts'
import { useRetry } from '../useRetry.ts'
import { listAlbums } from './albums.ts'
import { Cover } from './Cover.tsx'
import { NewAlbum } from './NewAlbum.tsx'

export interface AlbumListProps {
  isOpen: boolean
  router: Router
  /** The album from which one comes back, which gets the focus; undefined: from elsewhere. */
  from: string | undefined
}

/** All albums, the newest first. */
export function AlbumList({ isOpen, router, from }: AlbumListProps) {
  const [albums, setAlbums] = useState<readonly Album[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [isNaming, setNaming] = useState(false)

  const load = useCallback(() => {
    listAlbums().then(
      (found) => {
        setAlbums(found)
        setError(null)
      },
      (failure: Error) => setError(failure.message),
    )
  }, [])
  useRetry(error !== null, load)
  useEffect(() => {
    if (isOpen) load()
  }, [isOpen, load])
  useNews(undefined, () => {
    if (isOpen) listAlbums().then(setAlbums, () => {})
  })
  useEffect(() => {
    document.title = 'Albums · Tintype'
    return () => {
      document.title = 'Tintype'
    }
  }, [])

  usePlace(router.visit, albums !== null)
  const left = useRef<HTMLAnchorElement>(null)
  const isThere = albums !== null
  useLayoutEffect(() => {
    if (isThere && isFocusLost()) left.current?.focus({ preventScroll: true })
  }, [isThere])

  if (error !== null && albums === null)
    return <Unreachable what="The albums" message={error} onRetry={load} />
  const open = (album: string) => (event?: MouseEvent) => {
    if (event && (event.ctrlKey || event.metaKey || event.shiftKey)) return
    event?.preventDefault()
    router.open({ at: 'photos', query: '', album })
  }
  const naming = isNaming && <NewAlbum onClose={() => setNaming(false)} onMade={({ id }) => open(id)()} />
  const button = (className: string) => (
    <button type="button" className={`button ${className}`} onClick={() => setNaming(true)}>
      <AddIcon /> New album
    </button>
  )
  if (albums?.length === 0)
    return (
      <section className="empty">
        <AlbumIcon />
        <h2>No albums yet</h2>
        <p>
          An album holds photos together that belong together. You can share it: others see it, or send theirs
          into it, without an account.
        </p>
        {button('primary')}
        {naming}
      </section>
    )
  return (
    <section className="albums" aria-labelledby="albums-title" aria-busy={albums === null}>
      <header>
        <h2 id="albums-title">Albums</h2>
        {button('')}
      </header>
      <ul>
        {albums?.map(({ id, name, count: photos, coverId }) => (
          <li key={id}>
            <a
              ref={id === from ? left : null}
              href={addressOf({ at: 'photos', query: '', album: id }, home)}
              onClick={open(id)}
            >
              <Cover id={coverId} />
              <bdi className="album-name">{name}</bdi>
              <span className="soft">{describeCount(photos)}</span>
            </a>
          </li>
        ))}
      </ul>
      {naming}
    </section>
  )
}
