/**
 * The files of the clipboard, which are the event's from then on. Office programs add a picture to copied text: in a text
 * field, a clipboard with text is left to the field.
 */
export function pastedFiles(event: ClipboardEvent): File[] {
  const { files, types } = event.clipboardData ?? {}
  if (!files?.length || event.defaultPrevented) return []
  if (types?.includes('text/plain') && takesText(event.composedPath()[0])) return []
  event.preventDefault()
  return [...files].map(named)
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
