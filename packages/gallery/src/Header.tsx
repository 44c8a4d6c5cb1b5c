import type { AddedFile } from '@tintype/client'
import type { RefObject } from 'react'
import { AddIcon, PictureIcon, SignOutIcon } from './icons.tsx'
import { FilePicker } from './upload/FilePicker.tsx'

export interface HeaderProps {
  picker: RefObject<HTMLInputElement | null>
  onFiles: (files: AddedFile[]) => void
  onSignOut: (() => Promise<void>) | null
}

export function Header({ picker, onFiles, onSignOut }: HeaderProps) {
  return (
    <header className="header">
      <h1 className="brand">
        <PictureIcon /> Tintype
      </h1>
      {onSignOut && (
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
        <AddIcon /> Add photos
      </FilePicker>
    </header>
  )
}
