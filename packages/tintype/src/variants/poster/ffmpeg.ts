import { execFile, spawn } from 'node:child_process'
import { confine, isolation } from '../../workers/isolation.ts'

/** The program, where the machine has it: it knows more codecs than the library. */
export interface Ffmpeg {
  /** @returns the first frame as a YUV4MPEG2 stream; undefined where it can't be decoded, within the limits */
  decode(clip: Uint8Array): Promise<Uint8Array | undefined>
}

/** Milliseconds for one frame. */
const longest = 10_000
const memory = 512 * 1024 * 1024
/** Bytes of the largest frame: 2560 x 2560 in ten bits, whatever its chroma. */
const mostBytes = 48 * 1024 * 1024

/**
 * All that it is ever told. It reads one pipe, as one container, and writes another: no playlist and no reference in a file
 * can make it open anything. The frame comes out in its own matrix and range, no larger than a poster.
 */
const frameArguments = [
  ...[
    '-nostdin',
    '-hide_banner',
    '-loglevel',
    'quiet',
    '-protocol_whitelist',
    'pipe',
    '-max_alloc',
    String(memory),
  ],
  ...['-threads', '1', '-noautorotate', '-f', 'mov', '-i', 'pipe:0'],
  ...['-map', '0:v:0', '-frames:v', '1', '-vf', "scale=w='min(iw,2560)':h='min(ih,2560)':flags=bilinear"],
  ...['-f', 'yuv4mpegpipe', '-strict', '-1', 'pipe:1'],
]

/** @param path of the program; undefined: it is looked for where the shell looks for programs */
export async function findFfmpeg(path?: string): Promise<Ffmpeg | undefined> {
  const program = path ?? (await which('ffmpeg'))
  if (!program || !(await runs(program))) return undefined
  return { decode: (clip) => run(program, clip) }
}

function which(name: string): Promise<string | undefined> {
  if (process.platform === 'win32') return Promise.resolve(name)
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', `command -v ${name}`], (_error, stdout) => {
      const found = stdout.trim()
      resolve(found.startsWith('/') ? found : undefined)
    })
  })
}

function runs(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, ['-version'], { timeout: longest }, (error, stdout) =>
      resolve(!error && stdout.startsWith('ffmpeg version')),
    )
  })
}

async function run(program: string, clip: Uint8Array): Promise<Uint8Array | undefined> {
  const allowed = await isolation()
  const { command, args, options } = confine([program, ...frameArguments], allowed, {
    memory,
    seconds: longest / 1000,
  })
  const child = spawn(command, args, {
    ...options,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: longest,
    killSignal: 'SIGKILL',
  })
  const chunks: Buffer[] = []
  let size = 0
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > mostBytes) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  // It may end without reading all.
  child.stdin.on('error', () => {})
  child.stdin.end(clip)
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('close', (code) => resolve(code === 0 && size > 0 ? Buffer.concat(chunks) : undefined))
  })
}
