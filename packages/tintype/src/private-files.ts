import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder that only this user can read, with its parents. Folders that exist stay as they are: they may be open
 * to others on purpose.
 *
 * Step by step, because `recursive` of Node 24 never returns where the system says ENOENT inside an existing folder
 * (`/proc`).
 */
export function makePrivateFolder(path: string): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makePrivateFolder(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/**
 * A file that only this user can read; SQLite gives those beside it (`-wal`, `-shm`) the same rights. One that is there
 * already stays as it is.
 */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
}

/** Removes all permissions of others than owner and group, if this user may. Backups may rely on the group's. */
export function denyOthers(path: string): void {
  try {
    const { mode } = statSync(path)
    if (mode & 0o007) chmodSync(path, mode & 0o770)
  } catch (error) {
    // The file belongs to another user, or is gone.
    if (!['EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
