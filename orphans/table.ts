import { readFileSync, writeFileSync } from 'node:fs'
import { type Kind, kinds, type Report, tally } from '@tintype/crash-kit'
import { contestants } from './contestants/index.ts'
import { type Result, type Run, results } from './results.ts'

/** A line for the terminal. */
export function toRow(report: Report): string {
  const found = Object.entries(tally(report))
    .filter(([, times]) => times > 0)
    .map(([kind, times]) => `${times} ${kinds[kind as Kind]}`)
  return `${report.backend}, seed ${report.seed}: ${found.join(', ') || 'nothing is wrong'}`
}

/** What results.json makes of docs/orphans.md and of the first screen of the README. */
export function pages(): { file: URL; before: string; after: string }[] {
  const all = results()
  const multer = all.find(({ id }) => id === 'multer-memory')?.runs ?? []
  const place = /(?<=<!-- Written by `npm run orphans` from here -->).*(?=<!-- to here -->)/s
  return [
    replaced('../docs/orphans.md', place, `\n\n${toTable(all)}\n`),
    replaced('../README.md', /(?<=and a row leave )\d+(?= things wrong in 100 kills)/, per100(multer, wrong)),
  ]
}

export function writePages(): void {
  for (const { file, after } of pages()) writeFileSync(file, after)
}

function replaced(path: string, place: RegExp, by: string) {
  const file = new URL(path, import.meta.url)
  const before = readFileSync(file, 'utf8')
  if (!place.test(before)) throw new Error(`${path} has no place for the figures: ${place}`)
  return { file, before, after: before.replace(place, () => by) }
}

/** The columns, and what the sum is of. */
const columns: [string, Kind][] = [
  ['orphaned objects', 'orphan'],
  ['refused files that stayed', 'refusedStayed'],
  ['multipart uploads left open', 'openUpload'],
  ['records without object', 'dangling'],
  ['acknowledged, not readable', 'lost'],
  ['deleted, came back', 'cameBack'],
  ['done twice', 'twice'],
  ["others' things touched", 'othersTouched'],
]

export function toTable(all: Result[]): string {
  const order = contestants.map(({ id }) => id)
  const sorted = all
    .filter(({ id }) => order.includes(id))
    .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
  const head = [
    '',
    'wrong per 100 kills',
    ...columns.map(([name]) => name),
    'MB left',
    'kills',
    'uploads',
  ].join(' | ')
  const rows = sorted.map((result) => {
    const cells = [
      result.name,
      spread(result.runs),
      ...columns.map(([, kind]) => per100(result.runs, ({ counts }) => counts[kind])),
      per100(result.runs, ({ bytes }) => bytes / 1e6),
      sum(result.runs, ({ kills }) => kills),
      sum(result.runs, ({ uploads }) => uploads),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const notes = sorted.map(noteOf)
  return `|${head} |\n|---|${'---:|'.repeat(columns.length + 4)}\n${rows.join('\n')}\n\n${notes.join('\n')}\n`
}

/** Of all seeds, and of the best and the worst of them. */
function spread(runs: Run[]): string {
  const each = runs.map((run) => (100 * sum([run], wrong)) / run.kills)
  const all = per100(runs, wrong)
  return all === '0' || each.length === 1
    ? `**${all}**`
    : `**${all}** (${Math.round(Math.min(...each))} to ${Math.round(Math.max(...each))})`
}

const wrong = ({ counts }: Run) => Object.values(counts).reduce((a, b) => a + b, 0)

function per100(runs: Run[], of: (run: Run) => number): string {
  const value = (100 * sum(runs, of)) / sum(runs, ({ kills }) => kills)
  return value === 0 ? '0' : value < 1 ? value.toFixed(1) : String(Math.round(value))
}

function sum(runs: Run[], of: (run: Run) => number): number {
  return runs.reduce((total, run) => total + of(run), 0)
}

function noteOf({ name, docs, versions, recovery, runs }: Result): string {
  const seeds = runs.map(({ seed }) => seed).join(', ')
  const dates = [...new Set(runs.map(({ date }) => date))].join(', ')
  const parts = [
    versions.length > 0
      ? `${versions.join(', ')}; set up by [its documentation](${docs}).`
      : `[How](${docs}).`,
    `Clean-up: ${recovery}`,
    `${dates}, seeds ${seeds}.`,
  ]
  const examples = columns.flatMap(([column, kind]) => {
    const example = runs.flatMap((run) => run.examples).find((one) => one.kind === kind)
    return example ? [`  - ${column}, for example: ${shortened(example.story)}`] : []
  })
  return [`- **${name}**: ${parts.join(' ')}`, ...examples].join('\n')
}

/** A story's beginning and end, without what lies between. */
function shortened(story: string): string {
  const steps = story.split('; ')
  return steps.length > 6 ? [...steps.slice(0, 2), '…', ...steps.slice(-3)].join('; ') : story
}
