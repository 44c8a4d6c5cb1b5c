// npm run site: the documentation as a website, into site/dist. `-- --serve` shows it, `-- --base /path/` is for a site below a path.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkLinks } from './links.ts'
import { fullText, index } from './llms.ts'
import { stage } from './stage.ts'

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean', default: false },
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
if (values.serve)
  run('Serving', process.execPath, [vitepress, 'preview', '.', '--port', values.port, '--base', values.base])

function run(what: string, command: string, args: string[]) {
  console.log(`${what} …`)
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
