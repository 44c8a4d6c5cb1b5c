import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError } from '../config.ts'
import type { Change } from './diff.ts'
import { openFolder } from './folder.ts'

/**
 * Writes what was shown. A file that has changed since is left alone, and with it all others.
 * @returns the file that has changed; undefined: all is written
 * @throws {ConfigError} where one can not be written; those before it are
 */
export function write(root: string, changes: readonly Change[]): string | undefined {
  const { read } = openFolder(root)
  const changed = changes.find(({ path, before }) => read(path) !== before)
  if (changed) return changed.path
  for (const { path, before, after } of changes) {
    try {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), after, { flag: before === undefined ? 'wx' : 'w' })
    } catch (cause) {
      const { code = 'it failed' } = cause as NodeJS.ErrnoException
      throw new ConfigError(
        `${path} can not be written here (${code}): look whether this user may write there, and what is in the way. Then call it again.`,
        { cause },
      )
    }
  }
  return undefined
}
