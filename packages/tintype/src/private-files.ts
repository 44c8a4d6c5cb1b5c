import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, with those that lead to it, into which only this user can look. What is there already stays as it is:
 * it may be somebody's `/srv`, or open to a group on purpose.
 *
 * Step by step: `recursive` of Node 24 never returns where the system says ENOENT inside a folder that is there (`/proc`).
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

/** Takes all rights from others than owner and group, where this user may. The group keeps its own: backups may go by it. */
export function closeToStrangers(path: string): void {
  try {
    const { mode } = statSync(path)
    if (mode & 0o007) chmodSync(path, mode & 0o770)
  } catch (error) {
    // Somebody else's file, or gone again: then its rights are not ours to change.
    if (!['EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
