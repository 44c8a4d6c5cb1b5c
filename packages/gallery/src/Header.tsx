import type { RefObject } from 'react'
import { AddIcon, PictureIcon, SignOutIcon } from './icons.tsx'
import { FilePicker } from './upload/FilePicker.tsx'

export interface HeaderProps {
  picker: RefObject<HTMLInputElement | null>
  onFiles: (files: File[]) => void
  onSignOut: (() => Promise<void>) | null
}

export function Header({ picker, onFiles, onSignOut }: HeaderProps) {
  return (
    <header className="header">
      <h1 className="brand">
        <PictureIcon /> Tintype
      </h1>
      {onSignOut && (
        <button type="button" className="button quiet" onClick={() => onSignOut().catch(() => {})}>
          <SignOutIcon /> Sign out
        </button>
      )}
      <FilePicker ref={picker} onFiles={onFiles}>
        <AddIcon /> Add photos
      </FilePicker>
    </header>
  )
}
