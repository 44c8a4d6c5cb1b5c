/**
 * Archives are written into the browser's private file system, in a folder of ours: where nobody can choose a place on the disk, from
 * there the browser saves them.
 */
const folderName = 'tintype archives'

/** Milliseconds. A browser has long begun to save what it was given then, or will never do it. */
const longEnough = 3_600_000

/** @returns undefined where this browser writes no files */
export async function newArchive(): Promise<{ file: FileSystemFileHandle; remove(): void } | undefined> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(folderName, {
      create: true,
    })
    const name = `${crypto.randomUUID()}.zip`
    const file = await folder.getFileHandle(name, { create: true })
    const remove = () => void folder.removeEntry(name).catch(() => {})
    if ('createWritable' in file) return { file, remove }
    remove()
  } catch {
    // Safari in a private window, for instance, has no such folder.
  }
  return undefined
}

/** Removes what pages left there that were closed or reloaded too early. What another page writes now can't be removed, and stays. */
export async function removeOldArchives(now = Date.now()): Promise<void> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(folderName)
    for await (const file of folder.values()) {
      if (file.kind !== 'file') continue
      const { lastModified } = await file.getFile()
      if (lastModified < now - longEnough) await folder.removeEntry(file.name).catch(() => {})
    }
  } catch {
    // There is no such folder.
  }
}
