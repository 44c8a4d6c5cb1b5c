import type { AddedFile } from '../added-file.ts'
import { withTimeLimit } from '../time-limit.ts'
import { withHandle } from './choose-files.ts'
import type { OnOmission } from './left-out.ts'

/** Chromium's API that TypeScript doesn't know yet. */
interface DroppedItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
}

/** Milliseconds to wait for a handle, which is only needed after a reload. */
const longestWait = 3000

/**
 * The files of a drop, those in dropped folders included. Chromium gives handles along with files, so that they can be
 * read again after a reload.
 */
export async function droppedFiles(transfer: DataTransfer, onOmission: OnOmission): Promise<AddedFile[]> {
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
      if (entry?.isDirectory) return filesIn(entry as FileSystemDirectoryEntry, onOmission)
      return file ? withItsHandle(file, handle) : []
    }),
  )
  // For browsers without `items`.
  if (dropped.length === 0 && plain.length > 0) return plain
  const lost = dropped.filter(({ entry, file }) => !entry?.isDirectory && !file).length
  if (lost > 0 || dropped.length === 0) onOmission({ reason: 'no_file', files: [] })
  return files.flat()
}

const filesIn = async (folder: FileSystemDirectoryEntry, onOmission: OnOmission) =>
  (await import('./dropped-folder.ts')).readFolder(folder, onOmission)

/** An item that can't be read doesn't affect the others. */
function tried<T>(get: () => T | null | undefined): T | null {
  try {
    return get() ?? null
  } catch {
    return null
  }
}

async function withItsHandle(file: File, asked: Promise<FileSystemHandle | null> | null) {
  const handle = asked && (await withTimeLimit(asked, longestWait).catch(() => null))
  if (handle?.kind !== 'file') return [file]
  const added = await withHandle(handle as FileSystemFileHandle)
  return ['cause' in added ? file : added]
}
