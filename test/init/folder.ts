import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { command, repository } from '../support/process.ts'

const { PATH = '' } = process.env

/** A folder with these files and the packages of this workspace. */
export async function appFolder(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-init-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
  return {
    path: folder,
    /** `tintype init` in there: without a terminal. @returns exit code and what it said */
    async init(...args: string[]): Promise<{ code: number; said: string }> {
      const options = { cwd: folder, env: { PATH, HOME: folder, NO_COLOR: '1' } }
      try {
        const { stdout } = await promisify(execFile)(process.execPath, [command, 'init', ...args], options)
        return { code: 0, said: stdout }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { code, said: stdout + stderr }
      }
    },
    run: (program: string, ...args: string[]) =>
      promisify(execFile)(process.execPath, [join(repository, 'node_modules', program), ...args], {
        cwd: folder,
      }).catch((error) => {
        throw new Error(error.stdout + error.stderr)
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
