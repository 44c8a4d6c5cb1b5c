/**
 * What direct uploads take from a browser over a line as people have it, beside what one would use instead.
 *
 *     npm run bench:direct                       three rounds of 1 GB (40 minutes); writes docs/performance-direct.md
 *     npm run bench:direct -- --rounds 2
 *     npm run bench:direct -- --quick            one round of 120 MB that writes nothing (6 minutes)
 *     npm run bench:direct -- --quick tintype    this one alone
 *
 * Linux: it reads CPU time off /proc.
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../../test/browser/browser.ts'
import { installPeers } from '../harness/install.ts'
import type { RunningContestant } from './contestants.ts'
import type { Run } from './run.ts'

installPeers(fileURLToPath(new URL('.', import.meta.url)))
const { contestants, openArena } = await import('./contestants.ts')
const { toFindings } = await import('./findings.ts')
const { write } = await import('./report.ts')
const { partSizeOf, run } = await import('./run.ts')
const { video } = await import('../harness/inputs.ts')
const { toText } = await import('../harness/report.ts')

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' } },
  allowPositionals: true,
})
const unknown = positionals.filter((id) => contestants.every((one) => one.id !== id))
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(', ')}. There are: ${contestants.map(({ id }) => id).join(', ')}.`,
  )
  process.exit(2)
}
// Uppy sends in parts what is larger than 100 MiB.
const [size, rounds] = values.quick ? [120e6, 1] : [1000e6, Number(values.rounds)]
/** Servers are measured when they have been running for a while. */
const warmUps = 20

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
const directory = await mkdtemp(join(tmpdir(), 'tintype-videos-'))
try {
  await using browser = launched
  await using arena = await openArena({ latency: 50, bandwidth: 100e6 })
  const entrants = arena.running.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
  const upload = (one: RunningContestant, file: Video, cut: boolean) =>
    run(one, { arena, browser: browser.browser, ...file, cut })

  const small = await makeVideo('small.mp4', 20e6)
  for (const one of entrants) for (let n = 0; n < warmUps; n++) await upload(one, small, false)

  const large = await makeVideo('large.mp4', size)
  const runs = new Map<string, Run[]>(entrants.map(({ id }) => [id, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const cut of [false, true]) {
      for (const one of entrants) {
        const result = await upload(one, large, cut)
        runs.get(one.id)?.push(result)
        console.log(`round ${round}, ${one.label}: ${JSON.stringify(result)}`)
      }
    }
  }
  const findings = toFindings(runs, { size, partSize: await partSizeOf(arena, size) })
  console.log(`\n${toText({ about: '', charts: [], ...findings })}`)
  if (!values.quick && positionals.length === 0) write(findings, { rounds })
} finally {
  await rm(directory, { recursive: true, force: true })
}

interface Video {
  path: string
  size: number
}

/** Sparse on the disk; every byte of it is sent. */
async function makeVideo(name: string, bytes: number): Promise<Video> {
  const path = join(directory, name)
  const { head } = await video(bytes)
  await using file = await open(path, 'w')
  await file.write(head)
  await file.truncate(bytes)
  return { path, size: bytes }
}
