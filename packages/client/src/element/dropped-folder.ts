import type { AddedFile } from '../added-file.ts'
import { withTimeLimit } from '../time-limit.ts'
import { longestOpening } from './choose-files.ts'
import type { OnOmission } from './left-out.ts'

/** Files that are opened at once: while the answers for thousands come, browsers do nothing else. */
const together = 100

interface Found {
  /** By path. */
  files: Map<string, AddedFile>
  /** Names of what is left out. */
  others: string[]
  hidden: string[]
  /** Files that systems write into folders: left out without a note. */
  system: number
  /** Paths of folders that can't be read. */
  broken: string[]
}

/**
 * The photos and videos in a dropped folder, at any depth, in the order of their names: systems give them in any. Other files are left out and told of, since nobody has chosen each
 * one. A file that can't be opened comes with the reason and doesn't affect the others.
 */
export async function readFolder(
  folder: FileSystemDirectoryEntry,
  onOmission: OnOmission,
): Promise<AddedFile[]> {
  const { name } = folder
  const found: Found = { files: new Map(), others: [], hidden: [], system: 0, broken: [] }
  await walk(folder, name, found)
  const { files, others, hidden, system, broken } = found
  for (const path of broken) onOmission({ name: path, reason: 'broken_folder', files: [] })
  if (others.length > 0) onOmission({ name, reason: 'not_media', files: others })
  if (hidden.length > 0) onOmission({ name, reason: 'hidden', files: hidden })
  if (files.size + others.length + hidden.length + system + broken.length === 0)
    onOmission({ name, reason: 'empty_folder', files: [] })
  const { compare } = new Intl.Collator(undefined, { numeric: true })
  return [...files].sort(([one], [other]) => compare(one, other)).map(([, added]) => added)
}

async function walk(folder: FileSystemDirectoryEntry, path: string, found: Found): Promise<void> {
  try {
    const reader = folder.createReader()
    // A reader gives its entries in batches, an empty one at the end. Chromium's second has all that came meanwhile, maybe thousands.
    for (;;) {
      const batch = await withTimeLimit(readBatch(reader), longestOpening)
      if (batch.length === 0) return
      for (let at = 0; at < batch.length; at += together) {
        const some = batch.slice(at, at + together)
        await Promise.all(some.map((entry) => take(entry, `${path}/${entry.name}`, found)))
      }
    }
  } catch {
    found.broken.push(path)
  }
}

const readBatch = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))

async function take(entry: FileSystemEntry, path: string, found: Found): Promise<void> {
  const { name } = entry
  if (isOfSystem(name)) {
    found.system++
    return
  }
  if (name.startsWith('.')) {
    found.hidden.push(name)
    return
  }
  if (entry.isDirectory) {
    await walk(entry as FileSystemDirectoryEntry, path, found)
    return
  }
  const opened = new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
  try {
    const file = await withTimeLimit(opened, longestOpening)
    if (mayBeMedia(file)) found.files.set(path, file)
    else found.others.push(name)
  } catch (cause) {
    found.files.set(path, { name, cause })
  }
}

const isOfSystem = (name: string) => /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i.test(name)

/** Everything that may be a photo or video: the server goes by the bytes. */
export function mayBeMedia({ name, type }: { name: string; type: string }): boolean {
  if (/\.(jpe?g|png|webp|gif|avif|hei[cf]|hif|jxl|mp4|m4v|mov|webm|3gp|mkv)$/i.test(name)) return true
  return !/^(text|audio|font)\/|^application\/(?!octet-stream|mp4)/.test(type)
}
