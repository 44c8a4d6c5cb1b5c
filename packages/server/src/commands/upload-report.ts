import { clearScreenDown, moveCursor } from 'node:readline'
import type { UploadItem } from '@tintype/client'

/** Shows the progress of the uploads. */
export interface UploadReport {
  /** A file has ended. */
  line(text: string): void
  /** The state of all files. */
  update(items: readonly UploadItem[]): void
  /** Removes the progress bars and leaves only lines. */
  end(): void
}

/** The destination of the report: a terminal gets progress bars, anything else lines only. */
export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** @param now milliseconds */
export function createUploadReport(output: Output, now: () => number): UploadReport {
  if (!output.isTTY) {
    return { line: (text) => void output.write(`${text}\n`), update() {}, end() {} }
  }
  let drawn = 0
  let last = 0
  const erase = () => {
    if (drawn === 0) return
    moveCursor(output as NodeJS.WriteStream, 0, -drawn)
    clearScreenDown(output as NodeJS.WriteStream)
    drawn = 0
  }
  return {
    line(text) {
      erase()
      output.write(`${text}\n`)
    },
    update(items) {
      if (drawn > 0 && now() - last < 100) return
      last = now()
      const lines = bars(items, output.columns || 80)
      erase()
      output.write(lines.map((line) => `${line}\n`).join(''))
      drawn = lines.length
    },
    end: erase,
  }
}

/** One line for each file in progress, and one for all. */
export function bars(items: readonly UploadItem[], columns: number): string[] {
  const active = items.filter(({ state }) => state === 'uploading' || state === 'checking')
  const sum = (of: (item: UploadItem) => number) => items.reduce((total, item) => total + of(item), 0)
  const speed = active.reduce((total, item) => total + item.bytesPerSecond, 0)
  const sent = sum((item) => item.sent)
  const size = sum((item) => item.size)
  const ended = items.filter(({ state }) => state === 'done' || state === 'failed').length
  const pace = speed < 1 ? '' : `  ${formatBytes(speed)}/s  ${formatTime((size - sent) / speed)} left`
  return [
    ...active.map((item) => {
      const far = item.state === 'checking' ? 'being checked' : `${formatBytes(item.size)}`
      return fit(`  ${bar(item.sent, item.size)}  ${far.padStart(13)}  ${item.name}`, columns)
    }),
    fit(
      `  ${bar(sent, size)}  ${`${ended} of ${items.length}`.padStart(13)}  ${formatBytes(sent)}${pace}`,
      columns,
    ),
  ]
}

const width = 24

function bar(sent: number, size: number): string {
  const part = size > 0 ? sent / size : 1
  const full = Math.round(part * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(part * 100)).padStart(3)} %`
}

/** Shortens a name: a line that wraps can't be overwritten. */
const fit = (line: string, columns: number) => [...printable(line)].slice(0, columns - 1).join('')

/** Removes control characters from a file name: a terminal would execute them. */
export const printable = (text: string): string => text.replace(/\p{C}/gu, '?')

/** `3.4 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${(bytes / 1000 ** power).toFixed(power < 2 ? 0 : 1)} ${units[power]}`
}

function formatTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  if (minutes <= 1) return `${Math.ceil(seconds)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
