import { type App, appsBelow } from './app.ts'
import { withIgnored, withVariables } from './code/environment.ts'
import { component, htmlPage } from './code/page.ts'
import type { Style } from './code/style.ts'
import { addingLine, asWrittenImport, entryFile, tintypeFile } from './code/tintype-file.ts'
import { add, isAdded } from './entry.ts'
import type { Folder } from './folder.ts'
import type { Server } from './framework.ts'
import { planNext } from './next.ts'
import { createPlanner, type Plan, type Planner } from './planner.ts'

export function plan(app: App, folder: Folder): Plan {
  const planner = createPlanner(folder)
  const { framework } = app
  if (framework === undefined)
    return { changes: [], kept: [], byHand: [withoutFramework(folder)], packages: [], next: [] }
  const style = styleOf(app)
  const next =
    framework === 'next'
      ? planNext(app, style, folder, planner)
      : planServer(framework, app, style, planner, folder)
  planner.change('.env.example', withVariables(folder.read('.env.example')))
  planner.change('.gitignore', withIgnored(folder.read('.gitignore')))
  const packages = ['tintype', '@tintype/local-s3', ...(app.react ? ['@tintype/client'] : [])]
  if (framework === 'hono') packages.push('@hono/node-server')
  const { changes, kept, byHand } = planner
  return { changes, kept, byHand, packages: packages.filter((one) => !app.dependencies.has(one)), next }
}

function withoutFramework(folder: Folder): Plan['byHand'][number] {
  const init = 'npx @tintype/server init'
  const below = appsBelow(folder)
  if (below.length > 0)
    return {
      what: 'package.json names neither Express, Fastify, Hono nor Next, and others below it do: call it where your app is.',
      lines: below.map((path) => `(cd ${path} && ${init})`),
    }
  return {
    what: 'package.json names neither Express, Fastify, Hono nor Next. docs/doors.md has node:http, Koa, SvelteKit and Remix; to begin an app:',
    lines: ['npm install express', init],
  }
}

function planServer(framework: Server, app: App, style: Style, planner: Planner, folder: Folder): string[] {
  const { entry, typescript } = app
  const ending = entryEnding(app)
  const directory = entry ? entry.path.slice(0, entry.path.lastIndexOf('/') + 1) : app.source
  const path = `${directory}tintype.${ending}`
  const there = folder.read(path)
  const specifier = `./tintype${importEnding(app, ending, folder)}`
  const importLine = asWrittenImport(specifier, style)
  if (there !== undefined && !/\bphotos\b/.test(there)) {
    planner.byHand.push({
      what: `${path} is there already, and has no routes named photos. This would be it:`,
      lines: tintypeFile(framework, style).split('\n'),
    })
  } else planner.create(path, tintypeFile(framework, style))
  if (entry && !isAdded(entry)) {
    planner.change(entry.path, add(entry, importLine, addingLine[framework](entry.name)))
  } else if (!entry && app.hasEntry) {
    planner.byHand.push({
      what: `No file makes the ${framework} app by a line of its own that could be found. Where it is made, add (with the path as it is from there):`,
      lines: [importLine, addingLine[framework]('app')],
    })
  } else if (!entry) planner.create(`${directory}app.${ending}`, entryFile(framework, specifier, style))
  const file = entry?.path ?? `${directory}app.${ending}`
  if (style.plainPage) planner.create('public/photos.html', htmlPage(style))
  else planReact(app, style, planner, folder)
  const run = typescript ? `npx tsx ${file}` : `node ${file}`
  return [
    app.hasEntry ? 'Start the app as ever.' : run,
    ...(style.plainPage ? [`Then open ${style.page} in it.`] : []),
    `To set what .env.example names: copy it to .env, and start with node --env-file=.env.`,
  ]
}

function planReact(app: App, style: Style, planner: Planner, folder: Folder): void {
  const typescript = folder.paths.includes('tsconfig.json')
  const path = `${app.source}Photos.${typescript ? 'tsx' : 'jsx'}`
  planner.create(path, component({ ...style, typescript }, false))
  planner.byHand.push({
    what: `${path} is a component: show it where you like.`,
    lines: [`import Photos from './Photos'`, '<Photos />'],
  })
  const vite = folder.paths.find((one) => /^vite\.config\.[cm]?[jt]s$/.test(one))
  if (vite === undefined || folder.read(vite)?.includes(`'${style.mount}'`)) return
  planner.byHand.push({
    what: `While Vite serves the page, ${vite} has to pass the API on, with the port of the app (docs/own-page.md):`,
    lines: [
      `server: { proxy: { '${style.mount}': { target: 'http://127.0.0.1:3000', changeOrigin: false } } },`,
    ],
  })
}

function styleOf({ typescript, modules, awaits, mount, page, react }: App): Style {
  return { typescript, modules: modules || typescript, awaits, mount, page, plainPage: !react }
}

function entryEnding({ entry, typescript, modules, type }: App): string {
  if (entry) return (/\.([cm]?[jt]s)x?$/.exec(entry.path)?.[1] ?? 'js') as string
  if (typescript) return 'ts'
  // A package of no type: the name of the file says that it is a module.
  return modules && type !== 'module' ? 'mjs' : 'js'
}

/** How this app writes the path of a file of its own. */
function importEnding({ entry, typescript, type }: App, ending: string, folder: Folder): string {
  if (!typescript) return `.${ending}`
  const options = folder.read('tsconfig.json')?.replace(/\/\/.*/g, '')
  const ofNode =
    options === undefined ||
    /"(allowImportingTsExtensions|rewriteRelativeImportExtensions)"\s*:\s*true/.test(options)
  if (ofNode || /from ['"]\.[^'"\n]*\.ts['"]/.test(entry?.text ?? '')) return `.${ending}`
  return type === 'module' || ending !== 'ts' ? `.${ending.replace('t', 'j')}` : ''
}
