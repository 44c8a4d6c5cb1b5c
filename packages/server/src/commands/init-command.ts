import { spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'
import { type App, look, type Manager } from '../init/app.ts'
import { type Change, renderDiff } from '../init/diff.ts'
import { openFolder } from '../init/folder.ts'
import { plan } from '../init/plan.ts'
import type { Plan } from '../init/planner.ts'
import { write } from '../init/write.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype init [--yes] [--install]

Brings uploads of photos and videos into the app in this folder: Express, Fastify, Hono or Next (App Router), in
TypeScript or JavaScript, with React or without. It writes the routes, a page with a form or a component, and
.env.example; shows the diff first and asks. What is there stays: files only gain lines, and may be called again. What it
can't do for certain, it says, with the lines to add. Then it runs tintype doctor.

  --yes       write without asking; needed where there is no terminal
  --install   also run the command that installs the packages that the app lacks

Exit code: 0 done, 1 something is left to do by hand, nothing was written, or doctor found something, 2 wrong usage.`

/** `tintype init`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const { help: wanted, yes, install } = parse(args)
  if (wanted) {
    console.log(help)
    return 0
  }
  const root = process.cwd()
  const folder = openFolder(root)
  const app = look(folder)
  if (!app)
    throw new UsageError(
      'There is no package.json here that can be read: call it in the folder of the app, or run npm init -y first.',
    )
  console.log(describe(app))
  const made = plan(app, folder)
  if (made.changes.length > 0) {
    for (const change of made.changes) showDiff(change)
    if (!yes && !(await isWanted())) {
      console.log('Nothing was written.')
      return 1
    }
    const changed = write(root, made.changes)
    if (changed !== undefined) {
      console.error(`tintype: ${changed} has changed since it was shown: nothing was written. Call it again.`)
      return 1
    }
  }
  tell(made)
  const installed = installPackages(app.manager, made.packages, install)
  if (app.framework === undefined) return 1
  console.log(`\n${heading('tintype doctor')}`)
  const code = await (await import('./doctor-command.ts')).run([], { port: false })
  tellNext(made)
  return code === 0 && installed && made.byHand.length === 0 ? 0 : 1
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log('\nThere is no terminal to ask: --yes writes this.')
    return false
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const closed = new AbortController()
  terminal.once('SIGINT', () => closed.abort())
  try {
    return /^y(es)?$/i.test(
      (await terminal.question('\nWrite this? [y/N] ', { signal: closed.signal })).trim(),
    )
  } catch {
    // By Ctrl-C or Ctrl-D, which leave the cursor in the line.
    console.log()
    return false
  } finally {
    terminal.close()
  }
}

const names = { next: 'Next', express: 'Express', fastify: 'Fastify', hono: 'Hono' }

function describe({ framework, typescript, modules, react, manager, entry }: App): string {
  if (framework === undefined) return 'No framework was found.'
  const facts = [
    names[framework],
    typescript ? 'TypeScript' : 'JavaScript',
    ...(framework === 'next' ? [] : [modules ? 'modules' : 'CommonJS', react ? 'React' : 'no React']),
    manager,
    ...(entry ? [entry.path] : []),
  ]
  return `Found: ${facts.join(', ')}.`
}

const colours = { '+': 'green', '-': 'red', '@': 'cyan' } as const

function showDiff(change: Change): void {
  console.log()
  for (const [at, line] of renderDiff(change).entries()) {
    const colour = at < 2 ? 'bold' : colours[line[0] as keyof typeof colours]
    console.log(colour === undefined ? line : styleText(colour, line, { stream: process.stdout }))
  }
}

const heading = (text: string) => styleText('bold', text, { stream: process.stdout })

function tell({ changes, kept, byHand }: Plan): void {
  console.log()
  for (const { path, before } of changes)
    console.log(`${before === undefined ? 'written' : 'changed'}  ${path}`)
  for (const path of kept)
    console.log(`kept     ${path}: it is there with other contents, and stays as it is`)
  if (changes.length === 0 && byHand.length === 0) console.log('Nothing is left to write.')
  for (const { what, lines } of byHand)
    console.log(`\n${what}\n\n${lines.map((line) => `    ${line}`).join('\n')}`)
}

/** @returns false where it was to be done and failed */
function installPackages(manager: Manager, packages: readonly string[], wanted: boolean): boolean {
  if (packages.length === 0) return true
  const args = [manager === 'npm' ? 'install' : 'add', ...packages]
  console.log(`\n${wanted ? 'Installing' : 'To install'}: ${manager} ${args.join(' ')}`)
  if (!wanted) return true
  const { status, error } = spawnSync(manager, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status === 0) return true
  const ended = error ? `could not be run (${error.message})` : `ended with ${status ?? 'a signal'}`
  console.error(`tintype: ${manager} ${ended}, so the packages are missing: install them by the line above.`)
  return false
}

function tellNext({ next }: Plan): void {
  console.log(`\n${heading('Next')}\n${next.map((line) => `  ${line}`).join('\n')}`)
}

function parse(args: string[]) {
  return readArguments('init', {
    args,
    options: {
      yes: { type: 'boolean', short: 'y', default: false },
      install: { type: 'boolean', default: false },
    },
  }).values
}
