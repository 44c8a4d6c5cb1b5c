import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openArena, type RunningContestant } from './contestants.ts'
import type { RunOptions, Scenario } from './scenario.ts'

/** What V8 writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface Profile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
    children?: number[]
  }[]
  samples: number[]
  /** Microseconds. */
  timeDeltas: number[]
}

/** Runs our server under V8's profiler and tells, as text, where its main thread spends its time. */
export async function profile(
  { contestant, work }: NonNullable<Scenario['profile']>,
  options: RunOptions,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-profile-'))
  try {
    const arena = await openArena([contestant], ['--cpu-prof', `--cpu-prof-dir=${directory}`])
    try {
      await work(arena.running[0] as RunningContestant, options)
    } finally {
      await arena.close()
    }
    const [file] = await readdir(directory)
    if (file === undefined) throw new Error('The server wrote no profile: it did not end by itself.')
    return describe(JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile)
  } finally {
    await rm(directory, { recursive: true })
  }
}

function describe({ nodes, samples, timeDeltas }: Profile): string {
  const self = new Map<number, number>()
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0))

  const packages = new Map<string, number>()
  const parts = new Map<string, number>()
  const functions = new Map<string, number>()
  const add = (sums: Map<string, number>, name: string, time: number) =>
    sums.set(name, (sums.get(name) ?? 0) + time)
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0
    if (callFrame.functionName === '(idle)' || time === 0) continue
    const part = partOf(callFrame)
    add(packages, packageOf(part), time)
    add(parts, part, time)
    add(functions, `${callFrame.functionName || '(anonymous)'}  ${part}:${callFrame.lineNumber + 1}`, time)
  }
  const total = [...parts.values()].reduce((sum, time) => sum + time, 0)
  const list = (sums: Map<string, number>, count: number) =>
    [...sums]
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(6)} %  ${name}`)
  return [
    `Main thread busy for ${(total / 1e6).toFixed(1)} s, waiting for the disk included. Self time by package:`,
    ...list(packages, 20),
    '',
    'by file:',
    ...list(parts, 30),
    '',
    'by function:',
    ...list(functions, 40),
  ].join('\n')
}

/** `express/lib/application.js`, `node:net`, `packages/tintype/src/intake/form.ts` */
function partOf({ url, functionName }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  const path = url.replace('file://', '')
  return (
    path
      .split('/node_modules/')
      .at(-1)
      ?.replace(/^.*\/packages\//, 'packages/') ?? path
  )
}

/** `express`, `@smithy/core`, `node`, `tintype/records` */
function packageOf(part: string): string {
  const ours = /^packages\/(\w+)\/src\/(\w+)\//.exec(part)
  if (ours) return `${ours[1]}/${ours[2]}`
  if (part.startsWith('node:')) return 'node'
  return /^(@[^/]+\/)?[^/]+/.exec(part)?.[0] ?? part
}
