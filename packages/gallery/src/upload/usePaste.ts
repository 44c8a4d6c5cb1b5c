import { useEffect } from 'react'

/**
 * Takes pictures from the clipboard. Office programs add a picture to copied text: in a text field, a clipboard with
 * text is left to the field.
 */
export function usePaste(onFiles: (files: File[]) => void): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const { files, types } = event.clipboardData ?? {}
      if (!files?.length) return
      if (types?.includes('text/plain') && takesText(event.composedPath()[0])) return
      event.preventDefault()
      onFiles([...files].map(named))
    }
    document.addEventListener('paste', onPaste)
    return () => document.removeEventListener('paste', onPaste)
  }, [onFiles])
}

const withoutText = 'input:is([type=file], [type=button], [type=submit], [type=checkbox], [type=radio])'

const takesText = (target: EventTarget | undefined) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || (target.matches('input, textarea') && !target.matches(withoutText)))

/** Browsers call every copied picture `image.png`; the time tells two of them apart. */
function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  return new File([file], file.name.replace('image', `Pasted ${time}`), { type: file.type })
}
