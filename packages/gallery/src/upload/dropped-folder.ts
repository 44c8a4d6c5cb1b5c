import type { AddedFile } from '@tintype/client'
import { count } from '../format.ts'
import { inTime } from '../in-time.ts'
import { longestOpening } from './choose-files.ts'
import { addNote } from './notes.ts'

interface Found {
  files: AddedFile[]
  /** Names of what is left out. */
  others: string[]
  hidden: string[]
  /** Files that systems write into folders: left out without a note. */
  system: number
  /** Folders that can't be read. */
  broken: number
}

/**
 * The photos and videos in a dropped folder, at any depth. Other files are left out with a note, since the user hasn't
 * chosen each one. A file that can't be opened comes with the reason and doesn't affect the others.
 */
export async function readFolder(folder: FileSystemDirectoryEntry): Promise<AddedFile[]> {
  const found: Found = { files: [], others: [], hidden: [], system: 0, broken: 0 }
  await walk(folder, folder.name, found)
  const { files, others, hidden, system, broken } = found
  if (others.length > 0) addNote(folder.name, leftOut(others, 'not photos or videos'))
  if (hidden.length > 0) addNote(folder.name, leftOut(hidden, 'hidden'))
  if (files.length + others.length + hidden.length + system + broken === 0)
    addNote(folder.name, 'This folder is empty.')
  return files
}

async function walk(folder: FileSystemDirectoryEntry, path: string, found: Found): Promise<void> {
  try {
    const reader = folder.createReader()
    // A reader gives its entries in batches, an empty one at the end.
    for (;;) {
      const batch = await inTime(readBatch(reader), longestOpening)
      if (batch.length === 0) return
      const took = await Promise.all(batch.map((entry) => take(entry, `${path}/${entry.name}`, found)))
      found.files.push(...took.flat())
    }
  } catch {
    found.broken++
    const text = 'This folder can’t be read to its end. Check what is missing, and drop it again.'
    addNote(path, text)
  }
}

const readBatch = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))

async function take(entry: FileSystemEntry, path: string, found: Found): Promise<AddedFile[]> {
  const { name } = entry
  if (isOfSystem(name)) {
    found.system++
    return []
  }
  if (name.startsWith('.')) {
    found.hidden.push(name)
    return []
  }
  if (entry.isDirectory) {
    await walk(entry as FileSystemDirectoryEntry, path, found)
    return []
  }
  const opened = new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
  try {
    const file = await inTime(opened, longestOpening)
    if (mayBeMedia(file)) return [file]
    found.others.push(name)
    return []
  } catch (cause) {
    return [{ name, cause }]
  }
}

const isOfSystem = (name: string) => /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i.test(name)

/** Everything that may be a photo or video: the server goes by the bytes. */
export function mayBeMedia({ name, type }: { name: string; type: string }): boolean {
  if (/\.(jpe?g|png|webp|gif|avif|hei[cf]|hif|jxl|mp4|m4v|mov|webm|3gp|mkv)$/i.test(name)) return true
  return !/^(text|audio|font)\/|^application\/(?!octet-stream|mp4)/.test(type)
}

/** `4 files left out (not photos or videos): a.txt, b.pdf, c.zip, …` */
function leftOut(names: readonly string[], reason: string): string {
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')
  return `${count(names.length, 'file')} left out (${reason}): ${shown}`
}
