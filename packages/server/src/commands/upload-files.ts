import { openAsBlob } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { UsageError } from './usage.ts'

export interface FoundFile {
  /** Absolute. */
  path: string
  /** As typed, or below the folder that was typed. */
  shown: string
  /** Reads from the disk on demand. */
  file: File
}

/** Extensions of photos and videos in folders. */
const mediaNames =
  /\.(jpe?g|jpe|jfif|a?png|webp|gif|avifs?|hei[cf]s?|hif|jxl|mp4|m4v|f4v|3gp|3gpp|3g2|mov|qt|webm|mkv)$/i

/**
 * The files to send: every named file, and the photos and videos in named folders, at any depth. Hidden files and
 * links to folders are left out.
 *
 * @throws {UsageError} where one can't be read
 */
export async function findFiles(named: readonly string[]): Promise<{ found: FoundFile[]; skipped: number }> {
  const found: FoundFile[] = []
  let skipped = 0
  const add = async (shown: string, modified: number) => {
    const path = resolve(shown)
    if (found.some((one) => one.path === path)) return
    const blob = await openAsBlob(path)
    found.push({ path, shown, file: new File([blob], basename(path), { lastModified: modified }) })
  }
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        await walk(path)
        continue
      }
      const about = await stat(path).catch(() => undefined)
      if (about?.isFile() && mediaNames.test(entry.name)) await add(path, Math.floor(about.mtimeMs))
      else skipped++
    }
  }
  for (const name of named) {
    try {
      const about = await stat(name)
      if (about.isDirectory()) await walk(name)
      else await add(name, Math.floor(about.mtimeMs))
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      throw new UsageError(absent ? `There is no ${name}.` : `${name} can't be read: ${error}`)
    }
  }
  return { found, skipped }
}
