import { type Entry, findEntry } from './entry.ts'
import type { Folder } from './folder.ts'
import { type Framework, frameworks } from './framework.ts'

export type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun'

/** What an app is made with. */
export interface App {
  /** Undefined: none of those that are known. */
  framework: Framework | undefined
  typescript: boolean
  /** What package.json says: `module`, `commonjs` or nothing. */
  type: string | undefined
  /** `import`, or `require`. */
  modules: boolean
  /** Whether `await` may stand outside of functions. */
  awaits: boolean
  react: boolean
  manager: Manager
  /** What package.json names, of any kind. */
  dependencies: ReadonlySet<string>
  /** The file that makes the app; undefined: not found, or there is none. */
  entry: Entry | undefined
  /** Whether there is any file that could be it. */
  hasEntry: boolean
  /** Where sources are: `src/`, or nothing. */
  source: string
  /** Next: `app` or `src/app`. */
  pages: string
  /** Where the API goes, and the page: not where the app has something. */
  mount: string
  page: string
}

interface Manifest {
  type?: string
  main?: string
  scripts?: Record<string, string>
  packageManager?: string
  dependencies?: object
  devDependencies?: object
}

/** @returns undefined where there is no package.json that can be read */
export function look(folder: Folder): App | undefined {
  const manifest = readManifest(folder, 'package.json')
  if (!manifest) return undefined
  const { paths } = folder
  const has = (path: string) => paths.includes(path)
  const dependencies = dependenciesOf(manifest)
  const there = frameworks.filter((one) => dependencies.has(one))
  const candidates = entryCandidates(manifest, paths)
  const [found] = there.flatMap((framework) => {
    const entry = framework === 'next' ? undefined : findEntry(framework, candidates, folder)
    return entry ? [{ framework, entry }] : []
  })
  const framework = there.includes('next') ? 'next' : (found?.framework ?? there[0])
  const entry = framework === 'next' ? undefined : found?.entry
  // Without a file that is found to make it, the likeliest one says it: Node needs no tsconfig.json.
  const likeliest = framework === 'next' ? undefined : (entry?.path ?? candidates[0])
  const typescript = likeliest === undefined ? has('tsconfig.json') : /\.[cm]?tsx?$/.test(likeliest)
  const source = paths.some((path) => path.startsWith('src/')) ? 'src/' : ''
  const sources = sourcesOf(folder)
  const free = (path: string, other: string) =>
    sources.some((text) => new RegExp(`['"\`]${path}(?![\\w-])`).test(text)) ? other : path
  return {
    framework,
    typescript,
    type: manifest.type,
    ...modulesOf(manifest, entry, typescript, has('tsconfig.json')),
    react: framework === 'next' || dependencies.has('react'),
    manager: managerOf(manifest, has),
    dependencies,
    entry,
    hasEntry: candidates.length > 0,
    source,
    pages:
      paths.some((path) => path.startsWith('src/app/')) || (source !== '' && !hasBelow(paths, 'app/'))
        ? 'src/app'
        : 'app',
    mount: framework === 'next' ? '/api' : free('/api', '/tintype'),
    page: framework === 'next' ? '/photos' : free('/photos', '/tintype-photos'),
  }
}

const hasBelow = (paths: readonly string[], folder: string) => paths.some((path) => path.startsWith(folder))

/** Folders below, as those of a monorepo, with an app that is made with one of the frameworks. */
export function appsBelow(folder: Folder): string[] {
  return folder.paths
    .filter((path) => path.endsWith('/package.json'))
    .filter((path) => {
      const dependencies = dependenciesOf(readManifest(folder, path) ?? {})
      return frameworks.some((one) => dependencies.has(one))
    })
    .map((path) => path.slice(0, -'/package.json'.length))
}

function dependenciesOf({ dependencies, devDependencies }: Manifest): Set<string> {
  return new Set([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})])
}

function readManifest(folder: Folder, path: string): Manifest | undefined {
  try {
    // Editors of Windows may begin it with a byte order mark, which npm passes over, too.
    return JSON.parse(folder.read(path)?.replace(/^\uFEFF/, '') ?? '') as Manifest
  } catch {
    return undefined
  }
}

/** By its lock file, which says which one the people of this app use. */
function managerOf({ packageManager }: Manifest, has: (path: string) => boolean): Manager {
  if (has('pnpm-lock.yaml')) return 'pnpm'
  if (has('yarn.lock')) return 'yarn'
  if (has('bun.lock') || has('bun.lockb')) return 'bun'
  if (has('package-lock.json')) return 'npm'
  const [, named] = /^(pnpm|yarn|bun)@/.exec(packageManager ?? '') ?? []
  return (named as Manager | undefined) ?? 'npm'
}

/** Files that package.json names or that are usual, the likeliest first. */
function entryCandidates({ main, scripts = {} }: Manifest, paths: readonly string[]): string[] {
  const named = [scripts.dev, scripts.start, main]
    .flatMap((text) => (text ?? '').match(/[\w./-]+\.[cm]?[jt]sx?\b/g) ?? [])
    .map((path) => path.replace(/^\.\//, ''))
  const usual = ['', 'src/', 'server/'].flatMap((folder) =>
    ['app', 'server', 'index', 'main'].flatMap((name) =>
      ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs', 'tsx', 'jsx'].map((ending) => `${folder}${name}.${ending}`),
    ),
  )
  return [...new Set([...named, ...usual])].filter((path) => paths.includes(path))
}

function modulesOf(
  { type }: Manifest,
  entry: Entry | undefined,
  typescript: boolean,
  hasTsconfig: boolean,
): Pick<App, 'modules' | 'awaits'> {
  const ending = /\.([cm])[jt]s$/.exec(entry?.path ?? '')?.[1]
  const isModule = ending === 'm' || (ending !== 'c' && type === 'module')
  if (!entry) {
    const modules = typescript || type !== 'commonjs'
    return { modules, awaits: modules && (!typescript || isModule) }
  }
  const { modules } = entry
  // Without "type" Node goes by the syntax, and TypeScript makes CommonJS of it.
  const bySyntax = ending === undefined && type === undefined && (!typescript || !hasTsconfig)
  return { modules, awaits: modules && (isModule || bySyntax) }
}

function sourcesOf({ paths, read }: Folder): string[] {
  return paths
    .filter((path) => /\.([cm]?[jt]sx?)$/.test(path) && !/(^|\/)tintype\.|(^|\/)Photos\./.test(path))
    .map((path) => read(path) ?? '')
}
