import type { AddedFile } from '@tintype/client'
import { inTime } from '../in-time.ts'
import { withHandle } from './choose-files.ts'
import { addNote } from './notes.ts'

/** Chromium's API that TypeScript doesn't know yet. */
interface DroppedItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
}

/** Milliseconds to wait for a handle, which is only needed after a reload. */
const longestWait = 3000

/**
 * The files of a drop, those in dropped folders included. Chromium gives handles along with files, so that they can be
 * read again after a reload. What is left out has a note.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<AddedFile[]> {
  // Everything has to be read before the first await: the transfer is emptied after the event.
  const items = [...(transfer.items ?? [])].filter(({ kind }) => kind === 'file')
  const plain = [...transfer.files]
  const dropped = items.map((item: DroppedItem) => ({
    entry: tried(() => item.webkitGetAsEntry?.()),
    file: tried(() => item.getAsFile()),
    handle: tried(() => item.getAsFileSystemHandle?.().catch(() => null)),
  }))
  const files = await Promise.all(
    dropped.map(({ entry, file, handle }) => {
      if (entry?.isDirectory) return filesIn(entry as FileSystemDirectoryEntry)
      return file ? withItsHandle(file, handle) : []
    }),
  )
  // For browsers without `items`.
  if (dropped.length === 0 && plain.length > 0) return plain
  const lost = dropped.filter(({ entry, file }) => !entry?.isDirectory && !file).length
  if (lost > 0 || dropped.length === 0) {
    addNote(
      'What was dropped',
      'is no file that the browser can read. Save it first, then drop it from its folder.',
    )
  }
  return files.flat()
}

const filesIn = async (folder: FileSystemDirectoryEntry) =>
  (await import('./dropped-folder.ts')).readFolder(folder)

/** An item that can't be read doesn't affect the others. */
function tried<T>(get: () => T | null | undefined): T | null {
  try {
    return get() ?? null
  } catch {
    return null
  }
}

async function withItsHandle(file: File, asked: Promise<FileSystemHandle | null> | null) {
  const handle = asked && (await inTime(asked, longestWait).catch(() => null))
  if (handle?.kind !== 'file') return [file]
  const added = await withHandle(handle as FileSystemFileHandle)
  return ['cause' in added ? file : added]
}
