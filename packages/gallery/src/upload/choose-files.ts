import type { AddedFile } from '@tintype/client'

/** What Chromium has and TypeScript doesn't know yet. */
interface PickerWindow {
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>
}

/**
 * Opens the dialog that gives handles along with files. Resolves with none when it is closed.
 * @returns undefined where the browser has no such dialog
 */
export function chooseFiles(multiple: boolean): Promise<AddedFile[]> | undefined {
  const types = [{ description: 'Photos and videos', accept: { 'image/*': [], 'video/*': [] } }]
  return (window as PickerWindow).showOpenFilePicker?.({ multiple, types }).then(
    (handles) => Promise.all(handles.map(withHandle)),
    () => [],
  )
}

/** A file together with the handle that leads to it again. */
export const withHandle = async (handle: FileSystemFileHandle): Promise<AddedFile> => ({
  file: await handle.getFile(),
  handle,
})
