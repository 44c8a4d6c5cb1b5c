import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { cpuOf } from './processes.ts'

export interface CommandRun {
  code: number
  /** The last line that it printed. */
  summary: string
  seconds: number
  /** Seconds of CPU: of a busy machine, what carries over to another one. */
  cpu: number
  /** MiB resident at the most. */
  peak: number
}

/** Runs the `tintype` command in a process of its own. Linux: its memory is read off /proc. */
export async function runTintype(args: string[], env: Record<string, string>): Promise<CommandRun> {
  const command = fileURLToPath(new URL('../../packages/server/bin/tintype.js', import.meta.url))
  const begun = performance.now()
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let status = ''
  let cpu = 0
  const watch = setInterval(() => {
    try {
      const now = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      if (now.includes('VmHWM')) status = now
      cpu = Math.max(cpu, cpuOf(child.pid as number) / 1000)
    } catch {}
  }, 50)
  const out = await text(child.stdout)
  const [code] = (await ended) as [number]
  clearInterval(watch)
  return {
    code,
    summary: out.trim().split('\n').at(-1) ?? '',
    cpu,
    seconds: (performance.now() - begun) / 1000,
    peak: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
  }
}
