import type { AddedFile, TintypeDrop } from '@tintype/client/element/drop'
import '@tintype/client/element/drop'
import { type ReactNode, type Ref, useMemo } from 'react'
import { PictureIcon } from '../icons.tsx'
import { addNote } from './notes.ts'

export interface FilePickerProps {
  ref?: Ref<TintypeDrop>
  className: string
  /** What the button is called. */
  label: string
  /** For children without text. */
  title?: string
  /** One file. */
  single?: boolean
  /** Takes what is dropped anywhere in the window, and what is pasted. */
  isForPage?: boolean
  onFiles: (files: AddedFile[]) => void
  children: ReactNode
}

/** A button that opens a dialog for files. What it leaves out is told in the tray. */
export function FilePicker(props: FilePickerProps) {
  const { ref, className, label, title, single = false, isForPage = false, onFiles, children } = props
  return (
    <tintype-drop
      ref={ref}
      // The tray gives the focus back to it.
      id={isForPage ? 'add' : undefined}
      className={`picker ${className}`}
      title={title}
      uploads={null}
      texts={useMemo(() => ({ choose: label }), [label])}
      single={single}
      whole-page={isForPage}
      paste={isForPage}
      onfiles={(event) => {
        event.preventDefault()
        onFiles(event.detail)
      }}
      onleftout={(event) => {
        event.preventDefault()
        addNote(event.detail.name, event.detail.message)
      }}
    >
      <span slot="button">{children}</span>
      {isForPage && (
        <span slot="overlay" className="drop-overlay">
          <PictureIcon /> Drop to add
        </span>
      )}
    </tintype-drop>
  )
}
