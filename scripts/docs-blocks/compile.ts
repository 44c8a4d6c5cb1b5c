import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './blocks.ts'

/**
 * Type-checks code that stands in documentation, as the repository's own is, but for what an example need not use.
 *
 * @param files by name, with what is in them
 * @param compilerOptions what these files need beyond that
 * @returns the errors as `tsc` prints them, and its exit code
 */
export function compile(
  files: Iterable<readonly [name: string, code: string]>,
  compilerOptions: { types: string[]; jsx?: string; allowJs?: boolean },
): { stdout: string; status: number | null } {
  // In there, so that imports are found as in the packages.
  const folder = mkdtempSync(join(root, 'node_modules/.docs-'))
  try {
    for (const [name, code] of files) writeFileSync(join(folder, name), code)
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        typeRoots: [join(root, 'node_modules/@types')],
        ...compilerOptions,
      },
      include: [`${folder}/*`],
      exclude: [],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    return spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
