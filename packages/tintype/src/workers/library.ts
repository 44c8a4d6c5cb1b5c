import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError } from '../settings/error.ts'

/** This very file, as others import it: what is looked for when it is part of a bundle. */
const self = 'tintype/internal/workers/library'

/**
 * The script of a child process: a .ts file here, a .js file in the published package.
 * @param name without extension, below the folder of the library's modules: `variants/worker`
 */
export function workerScript(name: string): string {
  const library = libraryFile()
  return join(dirname(library), '..', `${name}${library.slice(library.lastIndexOf('.'))}`)
}

/** The folder of the library's own modules. */
export function libraryFolder(): string {
  return dirname(dirname(libraryFile()))
}

/** The folder that a module of the library's dependencies is loaded from, links followed. */
export function folderOf(module: string): string {
  return dirname(realpathSync(createRequire(libraryFile()).resolve(module)))
}

let found: string | undefined

/**
 * Child processes are started from files, which a bundler leaves behind. The installed package has them as well, so it
 * is looked for from the bundle, from the script that Node was started with, and from the working directory.
 *
 * @throws {ConfigError} when there is none
 */
function libraryFile(): string {
  // A bundle in CommonJS has no address of its own.
  const here = import.meta.url as string | undefined
  found ??= isOurs(here) ? fileURLToPath(here) : installedFile(here)
  return found
}

/** Some bundlers write in the address that a module had when it was built, which may be on another machine. */
function isOurs(url: string | undefined): url is string {
  return url !== undefined && /\/workers\/library\.[jt]s$/.test(url) && existsSync(fileURLToPath(url))
}

function installedFile(here: string | undefined): string {
  const main = process.argv[1] && pathToFileURL(process.argv[1]).href
  const places = [here, main, pathToFileURL(join(process.cwd(), 'package.json')).href]
  for (const place of places) {
    if (!place) continue
    try {
      return createRequire(place).resolve(self)
    } catch {}
  }
  throw new ConfigError(
    "Tintype looks into files in child processes, whose scripts are not in a bundle: install tintype beside the bundle with npm, and leave it out of the bundle (esbuild: external: ['tintype'], Vite: ssr.external: ['tintype'], webpack: externals: ['tintype'], Next: serverExternalPackages: ['tintype']).",
  )
}
