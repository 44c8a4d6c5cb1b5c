import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { Findings } from './findings.ts'

const page = new URL('../../docs/performance-direct.md', import.meta.url)
const begin = '<!-- Written by `npm run bench:direct` from here -->'
const end = '<!-- to here -->'

/** Puts the findings into the page, between its two marks. */
export function write({ columns, rows, targets }: Findings, { rounds }: { rounds: number }): void {
  const table = [columns, columns.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
  const date = new Date().toISOString().slice(0, 10)
  const lines = [
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...targets.map(({ text, value, reached }) => `- ${text}: **${value}**, ${reached ? '' : 'not '}reached.`),
    '',
    `<sub>${date}, ${rounds} rounds, \`npm run bench:direct -- --rounds ${rounds}\`, ${machine()}, ${versions()}</sub>`,
  ]
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin)
  const after = rest.slice(rest.indexOf(end) + end.length)
  writeFileSync(page, `${before}${begin}\n\n${lines.join('\n')}\n\n${end}${after}`)
}

/** The load of the last quarter of an hour tells whether the machine had something else to do. */
function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const load = loadavg()[2]?.toFixed(1)
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${availableParallelism()} cores of ${model}, ${memory} GB, Linux, load average ${load}`
}

function versions(): string {
  const pinned = (path: string) =>
    JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<string, Record<string, string>>
  const { dependencies: peers = {} } = pinned('package.json')
  const { devDependencies: tools = {} } = pinned('../../package.json')
  return [
    `Node ${process.versions.node}`,
    `Chromium ${tools['@sparticuz/chromium']}`,
    ...Object.entries(peers).map(([name, version]) => `${name} ${version}`),
  ].join(', ')
}
