import type { NoteAction } from '@tintype/client/element/uploads'

/** Says in the tray what did not become an upload, and why: nothing that the user chose is left out silently. */
export async function addNote(about: string, text: string, action?: NoteAction): Promise<void> {
  await customElements.whenDefined('tintype-uploads')
  document.querySelector('tintype-uploads')?.note(about, text, action)
}
