import type { AddedFile } from '@tintype/client'
import { knownTypes } from '@tintype/protocol'
import type { MouseEvent, ReactNode, Ref } from 'react'
import { chooseFiles } from './choose-files.ts'
import { addNote } from './notes.ts'

export interface FilePickerProps {
  ref?: Ref<HTMLInputElement>
  /** @default several */
  multiple?: boolean
  className: string
  /** For children without text. */
  label?: string
  onFiles: (files: AddedFile[]) => void
  children: ReactNode
}

/** A real file input styled as a button, for keyboards and screen readers. */
export function FilePicker({ ref, multiple = true, className, label, onFiles, children }: FilePickerProps) {
  // Chromium's dialog that gives handles: its files can be read again after a reload.
  const onClick = async (event: MouseEvent<HTMLInputElement>) => {
    const chosen = chooseFiles(multiple)
    if (!chosen) return
    event.preventDefault()
    const input = event.currentTarget
    const files = await chosen
    if (!files) await openPlain(input)
    else if (files.length > 0) onFiles(files)
  }
  return (
    <label className={`picker ${className}`} title={label}>
      <input
        ref={ref}
        type="file"
        multiple={multiple}
        accept={knownTypes.join()}
        aria-label={label}
        className="visually-hidden"
        onClick={onClick}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])])
          // Choosing the same file again has to be a change event again.
          currentTarget.value = ''
        }}
      />
      {children}
    </label>
  )
}

/** The input's own dialog, instead of the one that failed. Browsers open it only after a user gesture. */
async function openPlain(input: HTMLInputElement): Promise<void> {
  // Later, because a click inside the click of a label does nothing in Chromium.
  await new Promise((resolve) => setTimeout(resolve))
  const wasPressed = navigator.userActivation?.isActive !== false
  input.click()
  if (!wasPressed) {
    addNote(
      'Choose files',
      'The browser did not open its dialog. Press the button again: it will open another one.',
    )
  }
}
