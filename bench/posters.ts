// What a poster costs: CPU time and peak memory of the process that makes it, beside ffmpeg, which makes a picture of the
// same frame. Linux, with ffmpeg and /usr/bin/time: node bench/posters.ts
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPosterMaker, posterMemory } from '../packages/tintype/src/variants/poster/poster-maker.ts'
import { noRequester } from '../packages/tintype/src/workers/queue.ts'
import { cpuTimeOnLinux } from '../packages/tintype/src/workers/watch.ts'

const runs = 5
const directory = mkdtempSync(join(tmpdir(), 'tintype-posters-'))
const log = { info() {}, warn: console.warn, error: console.error }
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p']
const h265 = [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-x265-params',
  'log-level=none',
  '-tag:v',
  'hvc1',
  '-pix_fmt',
  'yuv420p10le',
]
const cases: [name: string, width: number, height: number, encode: string[]][] = [
  ['H.264 1080p', 1920, 1080, h264],
  ['H.265 1080p, ten bits', 1920, 1080, h265],
  ['H.264 4K', 3840, 2160, h264],
  ['H.265 4K, ten bits', 3840, 2160, h265],
]

console.log(
  '|  | CPU ms | peak MB of its process | ffmpeg, CPU ms | its peak MB |\n| --- | ---: | ---: | ---: | ---: |',
)
try {
  for (const [name, width, height, encode] of cases) {
    const path = join(directory, 'clip.mov')
    const source = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=${width}x${height}:r=30:d=1`,
      '-vf',
      'noise=alls=12:allf=t',
    ]
    execFileSync('ffmpeg', ['-y', '-v', 'quiet', ...source, ...encode, path])
    const ours = await measure(readFileSync(path), width, height)
    const theirs = Array.from({ length: runs }, () => ffmpeg(path))
    const cells = [
      median(ours.cpu),
      ours.peak,
      median(theirs.map(({ cpu }) => cpu)),
      median(theirs.map(({ peak }) => peak)),
    ]
    console.log(`| ${name} | ${cells.map(Math.round).join(' | ')} |`)
  }
} finally {
  rmSync(directory, { recursive: true })
}

async function measure(bytes: Buffer, width: number, height: number) {
  const posters = createPosterMaker({ log, ffmpeg: false, maxIdleMemory: 1024 ** 3 })
  const memory = posterMemory({ width, height })
  const share = { memory, isUrgent: false }
  const make = () =>
    posters.still(bytes, {
      container: 'movie',
      width,
      height,
      duration: 1,
      requester: noRequester,
      memory,
      share,
    })
  const cpu: number[] = []
  await posters.still(Buffer.alloc(16), {
    container: 'movie',
    width: 16,
    height: 16,
    duration: 1,
    requester: noRequester,
    memory,
    share,
  })
  let peak = 0
  for (let run = 0; run < runs; run++) {
    const pid = child()
    const before = cpuTimeOnLinux(pid) ?? 0
    if (!(await make())) throw new Error('There is no poster.')
    cpu.push((cpuTimeOnLinux(pid) ?? 0) - before)
    peak = Math.max(peak, kilobytes(pid, 'VmHWM') / 1024)
  }
  await posters.close()
  return { cpu, peak }
}

/** The process that makes posters. */
function child(): number {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const parent = readFileSync(`/proc/${pid}/status`, 'latin1').includes(`PPid:\t${process.pid}\n`)
      return parent && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('poster/worker')
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error('There is no process that makes posters.')
  return Number(found)
}

function kilobytes(pid: number, name: string): number {
  return Number(new RegExp(`${name}:\\s*(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
}

function ffmpeg(path: string): { cpu: number; peak: number } {
  const frame = [
    '-v',
    'quiet',
    '-threads',
    '1',
    '-i',
    path,
    '-frames:v',
    '1',
    '-f',
    'image2pipe',
    '-c:v',
    'png',
    '-',
  ]
  const { stderr } = spawnSync('/usr/bin/time', ['-f', '%U %S %M', 'ffmpeg', ...frame], { maxBuffer: 1e9 })
  const [user = 0, system = 0, kilobytes = 0] = stderr.toString().trim().split(' ').map(Number)
  return { cpu: (user + system) * 1000, peak: kilobytes / 1024 }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
