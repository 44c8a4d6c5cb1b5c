// npm run site: the documentation as a website, into site/dist. `-- --serve` shows it,
// `-- --look` weighs it on a slow line and draws pages of it, in Chromium; `-- --base /path/` is for a site below a path.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkLinks } from './links.ts'
import { fullText, index } from './llms.ts'
import { stage } from './stage.ts'

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean', default: false },
    look: { type: 'boolean', default: false },
    base: { type: 'string', default: '/' },
    port: { type: 'string', default: '4173' },
  },
})
const folder = fileURLToPath(new URL('.', import.meta.url))

if (!existsSync(`${folder}node_modules/vitepress`)) {
  run('Installing VitePress', 'npm', [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
}
const pages = stage(`${folder}pages`)
const vitepress = `${folder}node_modules/vitepress/bin/vitepress.js`
run('Building', process.execPath, [vitepress, 'build', '.', '--base', values.base])
writeFileSync(`${folder}dist/llms.txt`, index(values.base))
writeFileSync(`${folder}dist/llms-full.txt`, fullText(pages, values.base))

const broken = checkLinks(`${folder}dist`, values.base)
for (const link of broken) console.error(link)
if (broken.length > 0) process.exit(1)
console.log(`${pages.size} pages in site/dist, every link leads somewhere.`)
const preview = [vitepress, 'preview', '.', '--port', values.port, '--base', values.base]
if (values.look) await look(`http://localhost:${values.port}${values.base}`)
if (values.serve) run('Serving', process.execPath, preview)

/** Weighs and draws some pages, as a server of static files sends them. */
async function look(url: string) {
  const { measure, pictures } = await import('./look.ts')
  const server = spawn(process.execPath, preview, { cwd: folder, stdio: 'ignore' })
  try {
    while (!(await fetch(url).catch(() => undefined))?.ok) await setTimeout(100)
    const looked = ['', 'start.html', 'concepts.html', 'comparison.html', 'http.html']
    await pictures(url, [...looked, 'reference.html'], `${folder}shots`)
    console.log('Pictures of the pages are in site/shots.')
    await measure(url, looked)
  } finally {
    server.kill()
  }
}

function run(what: string, command: string, args: string[]) {
  console.log(`${what} …`)
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
