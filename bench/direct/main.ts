/**
 * What direct uploads take from a browser over a line as people have it, beside what one would use instead.
 *
 *     npm run bench:direct                       two rounds of 1 GB (25 minutes); writes docs/performance-direct.md
 *     npm run bench:direct -- --rounds 3
 *     npm run bench:direct -- --quick            one round of 120 MB that writes nothing (3 minutes)
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
import type { Run } from './run.ts'

installPeers(fileURLToPath(new URL('.', import.meta.url)))
const { contestants, openArena } = await import('./contestants.ts')
const { toText, write } = await import('./report.ts')
const { run } = await import('./run.ts')
const { video } = await import('../harness/inputs.ts')

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string', default: '2' } },
  allowPositionals: true,
})
// Uppy sends in parts what is larger than 100 MiB.
const [size, rounds] = values.quick ? [120e6, 1] : [1000e6, Number(values.rounds)]
const chosen = contestants.filter(({ id }) => positionals.length === 0 || positionals.includes(id))

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
const directory = await mkdtemp(join(tmpdir(), 'tintype-direct-'))
try {
  await using browser = launched
  await using arena = await openArena({ latency: 50, bandwidth: 100e6 })
  const entrants = arena.running.filter(({ id }) => chosen.some((one) => one.id === id))
  const runs = new Map<string, Run[]>(entrants.map(({ id }) => [id, []]))
  const upload = async (one: (typeof entrants)[number], path: string, bytes: number, cut: boolean) =>
    run(one, { arena, browser: browser.browser, path, size: bytes, cut })

  // Servers that have been running for a while: what a first upload costs is not counted.
  const first = await makeVideo('first.mp4', 20e6)
  for (const one of entrants) await upload(one, first, 20e6, false)
  const path = await makeVideo('video.mp4', size)
  for (let round = 0; round < rounds; round++) {
    for (const cut of [false, true]) {
      for (const one of entrants) {
        const result = await upload(one, path, size, cut)
        runs.get(one.id)?.push(result)
        console.log(new Date().toISOString(), one.id, JSON.stringify(result))
      }
    }
  }
  console.log(toText(runs, size))
  if (!values.quick) write(runs, size)
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function makeVideo(name: string, bytes: number): Promise<string> {
  const path = join(directory, name)
  const { head } = await video(bytes)
  await using file = await open(path, 'w')
  await file.write(head)
  // Sparse on the disk, and every byte of it is sent.
  await file.truncate(bytes)
  return path
}
