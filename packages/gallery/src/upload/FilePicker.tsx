import { knownTypes } from '@tintype/protocol'
import type { ReactNode, Ref } from 'react'

export interface FilePickerProps {
  ref: Ref<HTMLInputElement>
  onFiles: (files: File[]) => void
  children: ReactNode
}

/** A real file input dressed as a button, so that keyboards and screen readers know it. */
export function FilePicker({ ref, onFiles, children }: FilePickerProps) {
  return (
    <label className="button primary picker">
      <input
        ref={ref}
        type="file"
        multiple
        accept={knownTypes.join()}
        className="visually-hidden"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])])
          // The same file chosen again has to be a change again.
          currentTarget.value = ''
        }}
      />
      {children}
    </label>
  )
}
