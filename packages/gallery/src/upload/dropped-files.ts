import type { AddedFile } from '@tintype/client'
import { withHandle } from './choose-files.ts'

/** What Chromium has and TypeScript doesn't know yet. */
interface DroppedItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
}

/**
 * The files of a drop, those in dropped folders included; hidden ones (`.DS_Store`) stay out. Chromium gives
 * handles along with files, so that they can be read again after a reload.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<AddedFile[]> {
  // Entries have to be taken before the first await: the transfer is emptied after the event.
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry())
  const handles = items.map((item: DroppedItem) => item.getAsFileSystemHandle?.().catch(() => null))
  const plain = [...transfer.files]
  if (entries.some((entry) => entry?.isDirectory)) {
    const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])))
    return found.flat().filter((file) => !file.name.startsWith('.'))
  }
  return Promise.all(
    plain.map(async (file, n) => {
      const handle = await handles[n]
      return handle?.kind === 'file' ? withHandle(handle as FileSystemFileHandle).catch(() => file) : file
    }),
  )
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    )
    return file ? [file] : []
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const files: File[] = []
  // A reader gives its entries in batches, an empty one at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    )
    if (batch.length === 0) return files
    files.push(...(await Promise.all(batch.map(filesOf))).flat())
  }
}
