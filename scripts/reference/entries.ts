import { fileURLToPath } from 'node:url'
import { API, type Project, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A package's entry file and its tsconfig.json, from the root of the repository. */
export interface Entry {
  file: string
  project: string
}

/**
 * Has the compiler read entry files, from the sources.
 * @param read is given what each exports, by the exported name
 */
export function readEntries<T>(
  entries: readonly Entry[],
  read: (project: Project, exported: ReadonlyMap<string, Sym>) => T,
): T[] {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({
      openProjects: [...new Set(entries.map((one) => root + one.project))],
    })
    return entries.map(({ file, project }) => {
      const found = snapshot.getProject(root + project)
      if (!found) throw new Error(`${project} is not a project.`)
      return read(found, exportsOf(found, root + file))
    })
  } finally {
    api.close()
  }
}

function exportsOf({ checker, program }: Project, path: string): ReadonlyMap<string, Sym> {
  const file = program.getSourceFile(path)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) throw new Error(`${path} is not a module.`)
  const symbols = checker.getExportsOfModule(module)
  return new Map(
    symbols.map((one) => [one.name, one.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one]),
  )
}
