import type { AddedFile, TintypeDrop } from '@tintype/client/element/drop'
import type { MouseEvent, ReactNode, RefObject } from 'react'
import { addressOf } from './addresses.ts'
import { home } from './home.ts'
import { AddIcon, AlbumIcon, PictureIcon, SignOutIcon, TrashIcon } from './icons.tsx'
import { Account } from './people/Account.tsx'
import type { Router } from './routing.ts'
import { Search } from './Search.tsx'
import { Camera } from './upload/Camera.tsx'
import { FilePicker } from './upload/FilePicker.tsx'
import type { SessionGate } from './useSession.ts'

export interface HeaderProps {
  picker: RefObject<TintypeDrop | null>
  router: Router
  hasAlbums: boolean
  /** The server keeps what is deleted for a while. */
  hasRemoved: boolean
  onFiles: (files: AddedFile[]) => void
  /** Of the person who is signed in; null with the token alone. */
  name: string | null
  onSignOut: SessionGate['signOut'] | null
}

export function Header({ picker, router, hasAlbums, hasRemoved, name, onFiles, onSignOut }: HeaderProps) {
  const { route } = router
  const go = (at: 'photos' | 'albums' | 'removed') => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    router.open({ at, query: '' })
  }
  const link = (at: 'photos' | 'albums' | 'removed', text: string, icon: ReactNode, isHere: boolean) => (
    <a
      className={`button quiet to-${at}`}
      href={addressOf({ at, query: '' }, home)}
      title={text}
      aria-current={isHere ? 'page' : undefined}
      onClick={go(at)}
    >
      {icon} <span className="label">{text}</span>
    </a>
  )
  const isInAlbum = route.album !== undefined
  return (
    <header className="header">
      <h1 className="brand">
        <a href={home} onClick={go('photos')}>
          <PictureIcon /> <span className="label">Tintype</span>
        </a>
      </h1>
      <Search router={router} />
      {(hasAlbums || hasRemoved) && (
        <nav aria-label="Views">
          {link('photos', 'Photos', <PictureIcon />, route.at === 'photos' && !isInAlbum)}
          {hasAlbums && link('albums', 'Albums', <AlbumIcon />, route.at === 'albums' || isInAlbum)}
          {hasRemoved && link('removed', 'Recently deleted', <TrashIcon />, route.at === 'removed')}
        </nav>
      )}
      {onSignOut && name !== null && <Account name={name} onSignOut={onSignOut} />}
      {onSignOut && name === null && (
        <button
          type="button"
          className="button quiet"
          title="Sign out"
          onClick={() => onSignOut().catch(() => {})}
        >
          <SignOutIcon /> <span className="label">Sign out</span>
        </button>
      )}
      <Camera onFiles={onFiles} />
      <FilePicker ref={picker} className="primary" label="Add photos" isForPage onFiles={onFiles}>
        <AddIcon /> <span className="label">Add photos</span>
      </FilePicker>
    </header>
  )
}
