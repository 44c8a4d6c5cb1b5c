import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folderOf, libraryFolder } from './library.ts'

/**
 * The means by which a child process is confined to its job, as far as this machine allows. docs/isolation.md says what
 * each one prevents and what is left. These are Linux's; Node's own are used everywhere.
 */
export interface Isolation {
  /** Limits of memory, files and CPU time, by the shell's `ulimit`. */
  limits: boolean
  /**
   * A process that is ready can open nothing any more: no file, no socket, no pipe (RLIMIT_NOFILE of 0, by prlimit).
   * It holds for native code as well.
   */
  descriptors: boolean
  /** It has no network, and its own user namespace, from which it can trace no other process (unshare). */
  namespaces: boolean
  /** All files are read-only for it: what takes no descriptor, to delete and to rename, is denied as well (mount). */
  readOnly: boolean
  /** It has no capabilities, gets no new privileges, and ends with the process that started it (setpriv). */
  privileges: boolean
}

export interface Confinement {
  script: string
  /** Folders that hold the modules that it loads, beside our own. @default none */
  modules?: readonly string[] | undefined
  /** Whether it loads native modules. @default false */
  addons?: boolean | undefined
  /** Bytes of private memory that it may have at the most, beside what the runtime takes. @default 512 MiB */
  hardMemory?: number | undefined
}

/** Seconds of CPU time after which the system kills a process, so that one without a parent does not loop for ever. */
export const longestLife = 3600
/** What Node takes by the count of RLIMIT_DATA, with its threads' stacks; 650 MiB, measured. */
const runtimeMemory = 1024 * 1024 * 1024

/** The only environment: a worker that is taken over finds no secrets in it. */
const environment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }

let known: Promise<Isolation> | undefined

/** What this machine allows, probed once per server process: takes some 40 ms. */
export function isolation(): Promise<Isolation> {
  known ??= tryAll()
  return known
}

/** Makes the next start probe again, because what was possible isn't any more. */
export function forgetIsolation(): void {
  known = undefined
}

/** Node's own isolation alone. */
export const bare: Isolation = {
  limits: false,
  descriptors: false,
  namespaces: false,
  readOnly: false,
  privileges: false,
}

interface Command {
  command: string
  args: string[]
  options: { env?: Record<string, string>; cwd?: string }
}

/** The command that starts a confined process of Node. */
export function confinedCommand(confinement: Confinement, isolation: Isolation): Command {
  const { hardMemory = 512 * 1024 * 1024 } = confinement
  const node = [process.execPath, ...nodeFlags(confinement), confinement.script]
  return confine(node, isolation, { memory: runtimeMemory + hardMemory, seconds: longestLife })
}

/**
 * The command that starts any program confined: with the least environment, and none of its privileges.
 *
 * @param program its path, and its arguments
 * @param most.memory bytes of private memory
 * @param most.seconds of CPU time
 */
export function confine(
  program: string[],
  { limits: hasLimits, namespaces, readOnly, privileges }: Isolation,
  most: { memory: number; seconds: number },
): Command {
  if (!hasLimits) {
    return { command: program[0] as string, args: program.slice(1), options: { env: environment } }
  }
  // No core dumps, no files: what it writes goes into a pipe.
  const limits = `ulimit -c 0; ulimit -f 0; ulimit -d ${Math.ceil(most.memory / 1024)}; ulimit -t ${most.seconds}`
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  // The tools are found by the server's own PATH, so its environment goes after them.
  const apart = readOnly
    ? unshareReadOnly
    : [...(namespaces ? unshare : []), ...(privileges ? setpriv() : [])]
  const tools = [...apart, 'env', '-i', ...settings]
  const args = ['-c', `{ ${limits}; } 2>/dev/null; exec "$@"`, 'sh', ...tools, ...program]
  return { command: '/bin/sh', args, options: { cwd: '/' } }
}

/** From now on the process can open nothing. @returns whether that succeeded, where it is possible */
export function closeDescriptors(pid: number, { descriptors }: Isolation): Promise<boolean> {
  if (!descriptors) return Promise.resolve(true)
  return new Promise((resolve) => {
    execFile('prlimit', ['--pid', String(pid), '--nofile=0:0'], (error) => resolve(error === null))
  })
}

/**
 * Node's permission model: no files but its own modules, no processes, no threads, no inspector, no native modules
 * unless it needs them. It covers mistakes and JavaScript; native code is outside of it.
 */
function nodeFlags({ script, modules = [], addons = false }: Confinement): string[] {
  // Modules are looked for above the script, where a folder may be a link: what it leads to is among `modules`.
  const above = foldersAbove(script)
  const own = [libraryFolder(), folderOf('@tintype/protocol'), dirname(script)]
  const readable = [...own, ...above, ...modules, '/proc/self/status']
  return [
    '--max-old-space-size=512',
    // Jobs need little of V8: with the usual space for young objects a process would grow until it has to be replaced.
    '--max-semi-space-size=1',
    '--single-threaded-gc',
    '--expose-gc',
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...(addons ? ['--allow-addons'] : []),
    '--disallow-code-generation-from-strings',
  ]
}

/** The `node_modules` folders from which a module of the library's dependencies and what it needs are loaded. */
export function moduleFolders(module: string): string[] {
  return foldersAbove(join(folderOf(module), 'package.json'))
}

function foldersAbove(file: string): string[] {
  const folders: string[] = []
  for (let path = file; path !== dirname(path); path = dirname(path)) {
    const folder = join(dirname(path), 'node_modules')
    if (existsSync(folder)) folders.push(folder)
  }
  return folders
}

const unshare = ['unshare', '--map-current-user', '--net']

/** A user other than root has no capabilities to give up, and may not shrink the set either. */
function setpriv({ isRoot = process.getuid?.() === 0 } = {}): string[] {
  const capabilities = isRoot ? ['--inh-caps=-all', '--bounding-set=-all'] : []
  return ['setpriv', '--nnp', ...capabilities, '--pdeathsig', 'KILL']
}

/**
 * In a mount namespace, as its root: makes every file system read-only that holds files (not those of the kernel). One that
 * this user may not write to anyway is no reason to fail.
 */
const makeReadOnly = `
  while read -r _ at type options _; do
    case "$options" in rw|rw,*) ;; *) continue ;; esac
    case "$type" in proc|sysfs|cgroup*|dev*|mqueue|securityfs|debugfs|tracefs|bpf|pstore|configfs|fusectl|binfmt_misc|autofs)
      continue ;;
    esac
    at=$(printf %b "$at")
    mount -o remount,bind,ro "$at" || [ ! -w "$at" ] || exit 1
  done < /proc/self/mounts
  exec "$@"`
/** What the namespace's root may do is given up before anything else runs. */
const unshareReadOnly = [
  ...['unshare', '--map-root-user', '--net', '--mount', '/bin/sh', '-c', makeReadOnly, 'sh'],
  ...setpriv({ isRoot: true }),
]

async function tryAll(): Promise<Isolation> {
  if (process.platform !== 'linux') return bare
  const script = `
    env -i true && echo limits
    ${setpriv().join(' ')} true && echo privileges
    ${unshare.join(' ')} true && echo namespaces
    "$@" true && echo readOnly
    prlimit --pid $$ --nofile=0:0 && echo descriptors`
  const said = await new Promise<string>((resolve) => {
    const args = ['-c', script, 'sh', ...unshareReadOnly]
    execFile('/bin/sh', args, { timeout: 10_000 }, (_error, stdout) => resolve(stdout))
  })
  const works = new Set(said.split('\n'))
  return {
    limits: works.has('limits'),
    descriptors: works.has('descriptors'),
    namespaces: works.has('namespaces'),
    readOnly: works.has('readOnly'),
    privileges: works.has('privileges'),
  }
}
