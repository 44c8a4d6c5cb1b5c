import { execFileSync, spawn } from 'node:child_process'
import { constants, copyFile, cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { repository } from '../support/process.ts'
import type { Stage, Step } from './dockerfile.ts'

/** The user of the image, where there is root to give its rights away; else the user that runs the tests. */
export const isRoot = process.getuid?.() === 0
const user = 65_532

/**
 * Carries out the steps of a Dockerfile in a temporary folder: `/src` becomes a folder in it, and `RUN` a shell of a user
 * without rights. What stands for the images after FROM is Node and this machine's tools.
 */
export async function buildWithoutDocker(stages: Stage[]) {
  const root = await mkdtemp(join(tmpdir(), 'tintype-image-'))
  execFileSync('chmod', ['755', root])
  const folders = new Map<string, string>()
  for (const [index, stage] of stages.entries()) {
    const folder = join(root, stage.name ?? `stage-${index}`)
    folders.set(stage.name ?? String(index), folder)
    await mkdir(join(folder, 'nodejs/bin'), { recursive: true })
    await copyFile(process.execPath, join(folder, 'nodejs/bin/node'), constants.COPYFILE_FICLONE)
    own(folder)
    for (const step of stage.steps) await carryOut(step, stage, folder, folders)
  }
  return { root, folder: [...folders.values()].at(-1) as string, remove: () => remove(root) }
}

async function remove(root: string) {
  execFileSync('chmod', ['-R', 'u+w', root])
  await rm(root, { recursive: true, force: true, maxRetries: 5 })
}

async function carryOut(step: Step, stage: Stage, folder: string, folders: Map<string, string>) {
  if (step.keyword === 'COPY') {
    const [from = '', to = ''] = step.words
    const source = folders.get(step.flags.from ?? '')
    const target = join(folder, to === '.' ? workdirAt(step, stage) : to)
    if (source) await copyFrom(join(source, from), target, from)
    else await cp(repository, target, { recursive: true, filter: isSent })
    own(target)
  } else if (step.keyword === 'RUN') {
    const at = join(folder, workdirAt(step, stage))
    await mkdir(at, { recursive: true })
    own(at)
    const run = below(step.rest, folder)
    // The shell of the image is not bash.
    await asUser(folder, at, ['sh', '-ec', run], argumentsOf(stage))
  }
}

/** Tools and libraries are those of this machine. */
async function copyFrom(source: string, target: string, named: string) {
  const isThere = await lstat(source).catch(() => undefined)
  await mkdir(dirname(target), { recursive: true })
  const links = isThere ? { verbatimSymlinks: true } : { dereference: true }
  await cp(isThere ? source : named, target, { recursive: true, ...links })
}

/** What .dockerignore lets through, as far as a repository has it. */
function isSent(path: string): boolean {
  const name = basename(path)
  if (['.git', 'node_modules', 'dist', 'data'].includes(name) || name.startsWith('.env'))
    return name === '.env.example'
  return !['site/pages', 'site/shots'].includes(relative(repository, path))
}

function workdirAt(step: Step, stage: Stage): string {
  const before = stage.steps.slice(0, stage.steps.indexOf(step))
  return before.findLast(({ keyword }) => keyword === 'WORKDIR')?.rest ?? '/'
}

function argumentsOf(stage: Stage): Record<string, string> {
  const named = stage.steps.filter(({ keyword }) => keyword === 'ARG')
  return Object.fromEntries(named.map(({ rest }) => rest.split('=') as [string, string]))
}

/** `/app` and its like are in the folder; `/usr` is the machine's. */
function below(command: string, folder: string): string {
  return command.replace(/(?<=[\s"])\/(src|app|tools|data)\b/g, `${folder}/$1`)
}

export function own(path: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${user}:${user}`, path])
}

/** The command line of a process without rights. */
export const without = (command: string[]) =>
  isRoot
    ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', ...command]
    : command

async function asUser(folder: string, cwd: string, command: string[], env: Record<string, string>) {
  const home = join(folder, '..', 'home')
  await mkdir(home, { recursive: true })
  own(home)
  const [program = '', ...args] = without(command)
  const path = `${folder}/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
  const child = spawn(program, args, {
    cwd,
    // What the machine says of the way to the registry is in it; where npm has run the tests, its cache is another user's.
    env: { ...process.env, npm_config_cache: join(home, '.npm'), PATH: path, HOME: home, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`${code}: ${command.join(' ')}`)
}

/** Bytes of all files below it, as an image counts them. */
export async function bytesBelow(folder: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += (await lstat(join(entry.parentPath, entry.name))).size
  }
  return sum
}
