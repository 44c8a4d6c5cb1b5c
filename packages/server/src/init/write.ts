import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change } from './diff.ts'
import { openFolder } from './folder.ts'

/**
 * Writes what was shown. A file that has changed since is left alone, and with it all others.
 * @returns the file that has changed; undefined: all is written
 */
export function write(root: string, changes: readonly Change[]): string | undefined {
  const { read } = openFolder(root)
  const changed = changes.find(({ path, before }) => read(path) !== before)
  if (changed) return changed.path
  for (const { path, before, after } of changes) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), after, { flag: before === undefined ? 'wx' : 'w' })
  }
  return undefined
}
