import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is read of an app. Paths are below its folder, with `/`. */
export interface Folder {
  /** Source and configuration, without what was installed or built. */
  paths: readonly string[]
  /** Undefined: there is no such file. */
  read(path: string): string | undefined
}

const notTheApps = /^(node_modules|dist|build|out|coverage|data)$/
/** An app has fewer; a home folder in which the command was called by mistake has more. */
const most = 2000
const deepest = 5

export function openFolder(root: string): Folder {
  return {
    paths: pathsBelow(root),
    read(path) {
      try {
        return readFileSync(join(root, path), 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && /^(ENOENT|ENOTDIR|EISDIR)$/.test(String(error.code)))
          return undefined
        throw error
      }
    },
  }
}

function pathsBelow(root: string): string[] {
  const paths: string[] = []
  const folders = ['']
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const depth = folder === '' ? 0 : folder.split('/').length
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!entry.isDirectory()) paths.push(path)
      else if (depth < deepest && !notTheApps.test(entry.name) && !entry.name.startsWith('.'))
        folders.push(path)
      if (paths.length >= most) return paths
    }
  }
  return paths
}
