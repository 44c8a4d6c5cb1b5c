import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { draw } from './plot.ts'
import type { Findings, Scenario } from './scenario.ts'

/** One scenario's findings, with when and where they were found. */
interface Entry extends Findings {
  id: string
  title: string
  date: string
  machine: string
  versions: string
}

const resultsFile = new URL('../results.json', import.meta.url)
const page = new URL('../../docs/performance.md', import.meta.url)
const plot = new URL('../../docs/performance.svg', import.meta.url)
const begin = '<!-- Written by `npm run bench` from here -->'
const end = '<!-- to here -->'

/** Keeps the findings in results.json, and renders the page and the plot from all that are kept there. */
export function write({ id, title }: Scenario, findings: Findings): void {
  const results = JSON.parse(readFileSync(resultsFile, 'utf8')) as Record<string, Entry>
  const date = new Date().toISOString().slice(0, 10)
  results[id] = { id, title, date, machine: machine(), versions: versions(), ...findings }
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`)
  render(Object.values(results))
}

function render(entries: Entry[]): void {
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin)
  const after = rest.slice(rest.indexOf(end) + end.length)
  const generated = entries.map(toMarkdown).join('\n\n')
  writeFileSync(page, `${before}${begin}\n\n${generated}\n\n${end}${after}`)
  writeFileSync(plot, draw(entries.flatMap(({ charts }) => charts)))
}

function toMarkdown({ title, about, columns, rows, targets, date, machine, versions }: Entry): string {
  const table = [columns, columns.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
  const lines = [
    `## ${title}`,
    '',
    about,
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...targets.map(({ text, value, reached }) => `- ${text}: **${value}**, ${verdict(reached)}.`),
    ...(targets.length > 0 ? [''] : []),
    `<sub>${date}, ${machine}, ${versions}</sub>`,
  ]
  return lines.join('\n')
}

/** For the terminal: columns in line, then the targets. */
export function toText({ columns, rows, targets }: Findings): string {
  const table = [columns, ...rows]
  const widths = columns.map((_, index) => Math.max(...table.map((cells) => cells[index]?.length ?? 0)))
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
  const goals = targets.map(({ text, value, reached }) => `${text}: ${value}, ${verdict(reached)}`)
  return [...table.map(line), '', ...goals].join('\n')
}

function verdict(reached: boolean): string {
  return reached ? 'reached' : 'not reached'
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} cores of ${model}, ${Math.round(totalmem() / 1024 ** 3)} GB, Linux`
}

function versions(): string {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const names = ['@aws-sdk/client-s3', 'multer', 'multer-s3', '@fastify/multipart', '@tus/server', 'sharp']
  return [`Node ${process.versions.node}`, ...names.map((name) => `${name} ${dependencies[name]}`)].join(', ')
}
