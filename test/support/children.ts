import { readdirSync, readFileSync } from 'node:fs'

/** Of tests that look for child processes. */
export const skipWithoutProc = process.platform === 'linux' ? false : 'finds its children in /proc'

/** This process's children that run the script. */
export function childPids(script: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /\nPPid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script)
      } catch {
        return false
      }
    })
}
