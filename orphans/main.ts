/**
 * What upload backends leave behind when they are killed: the same load, faults and kills for all of them.
 *
 *     npm run orphans                          everything; writes docs/orphans.md and the README's figure (hours)
 *     npm run orphans -- multer-memory tus     these alone; the others keep their figures
 *     npm run orphans -- --kills 34 --seeds 3  so many kills for each seed
 *     npm run orphans -- --quick               three backends, two minutes, writes nothing; exits with 1 if ours leaves anything
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { killsOf, type Report, run, toMarkdown } from '@tintype/crash-kit'
import { installPeers } from '../bench/harness/install.ts'
import type { Contestant } from './contestants/index.ts'
import { keep } from './results.ts'
import { toRow, writePages } from './table.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
installPeers(here)
const { contestants } = await import('./contestants/index.ts')

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    kills: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const known = contestants.map(({ id }) => id)
const unknown = positionals.filter((id) => !known.includes(id))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  process.exit(2)
}

const folder = fileURLToPath(new URL('data', import.meta.url))
mkdirSync(folder, { recursive: true })
const first = Number(values.seed)
const chosen = contestants.filter(({ id, isQuick }) =>
  positionals.length > 0 ? positionals.includes(id) : !values.quick || isQuick,
)
const folders = new Set(chosen.flatMap(({ folder = [] }) => folder))
if (values.table) writePages()
else {
  for (const one of folders) installPeers(join(here, one))
  if (values.quick) process.exitCode = await runQuick()
  else await runAll()
}

async function runAll(): Promise<void> {
  for (const contestant of chosen) {
    const reports: Report[] = []
    for (let seed = first; seed < first + Number(values.seeds); seed++) {
      reports.push(await measure(contestant, seed, Number(values.kills ?? 100)))
      // After each seed: a run that is broken off leaves what it has measured.
      keep(contestant, reports)
      writePages()
    }
  }
}

/** Side by side: each of them mostly waits. Ours has to leave nothing, and the others something, or the kit is blind. */
async function runQuick(): Promise<number> {
  const kills = Number(values.kills ?? 8)
  const reports = await Promise.all(chosen.map((one) => measure(one, first, kills)))
  const wrong = chosen.filter(({ isOurs = false }, index) => {
    const isClean = reports[index]?.violations.length === 0
    return isClean !== isOurs
  })
  for (const { adapter, isOurs } of wrong)
    console.error(isOurs ? `${adapter.name} has left something.` : `${adapter.name}: nothing was found.`)
  return wrong.length > 0 ? 1 : 0
}

async function measure(contestant: Contestant, seed: number, kills: number): Promise<Report> {
  const { adapter, id } = contestant
  const journal = `${folder}/${id}-${seed}.jsonl`
  const report = await run(adapter, {
    kills,
    seed,
    // Of this script's own: where a backend finds its programs.
    path: process.env.PATH ?? '',
    journal,
    log: `${folder}/${id}-${seed}.log`,
    onKill: (done) => progress(`${adapter.name}, seed ${seed}: ${done} of ${kills} kills`),
  })
  progress('')
  console.log(
    `${toRow(report)} (${report.seconds} s, ${killsOf(report)} kills; ${availableParallelism()} cores)`,
  )
  const isUnexpected = contestant.isOurs && report.violations.length > 0
  if (isUnexpected) console.log(`${toMarkdown(report)}\nIts journal: ${journal}`)
  return report
}

function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`)
}
