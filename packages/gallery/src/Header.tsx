import type { AddedFile } from '@tintype/client'
import type { MouseEvent, RefObject } from 'react'
import { home } from './home.ts'
import { AddIcon, PictureIcon, SignOutIcon, TrashIcon } from './icons.tsx'
import { Account } from './people/Account.tsx'
import type { Router } from './routing.ts'
import { Search } from './Search.tsx'
import { FilePicker } from './upload/FilePicker.tsx'

export interface HeaderProps {
  picker: RefObject<HTMLInputElement | null>
  router: Router
  /** The server keeps what is deleted for a while. */
  hasRemoved: boolean
  onFiles: (files: AddedFile[]) => void
  /** Of the person who is signed in; null with the token alone. */
  name: string | null
  onSignOut: ((everywhere?: boolean) => Promise<void>) | null
}

export function Header({ picker, router, hasRemoved, name, onFiles, onSignOut }: HeaderProps) {
  const go = (at: 'photos' | 'removed') => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    router.open({ at, query: '' })
    window.scrollTo(0, 0)
  }
  return (
    <header className="header">
      <h1 className="brand">
        <a href={home} onClick={go('photos')}>
          <PictureIcon /> <span className="label">Tintype</span>
        </a>
      </h1>
      <Search router={router} />
      {hasRemoved && (
        <a className="button quiet" href={`${home}removed`} title="Recently deleted" onClick={go('removed')}>
          <TrashIcon /> <span className="label">Recently deleted</span>
        </a>
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
      <FilePicker ref={picker} className="button primary" onFiles={onFiles}>
        <AddIcon /> <span className="label">Add photos</span>
      </FilePicker>
    </header>
  )
}
