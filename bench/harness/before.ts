import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * An earlier version of this repository, installed as its own lock file has it, to be measured beside this one. It is kept
 * in the folder for temporary files, for the next run.
 *
 * @param commit has to be in this clone: a shallow one may lack it
 * @returns its folder
 */
export function installEarlier(commit: string): string {
  const folder = join(tmpdir(), `tintype-bench-${commit}`)
  const mark = join(folder, '.installed')
  if (existsSync(mark)) return folder
  console.log(`Installing Tintype as it was at ${commit} ...`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 1024 ** 3 })
  execFileSync('tar', ['-x'], { cwd: folder, input: archive })
  // Without scripts: they install the Node that runs the repository, and this one runs already.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  writeFileSync(mark, '')
  return folder
}
