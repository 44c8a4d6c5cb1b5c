import { diff } from 'node:util'

export interface Change {
  path: string
  /** Undefined: there is no such file yet. */
  before: string | undefined
  after: string
}

/** Lines around what changes. */
const context = 2

/** As `git diff` writes it, by lines. Files only gain lines here. */
export function renderDiff({ path, before, after }: Change): string[] {
  if (before === undefined)
    return ['--- /dev/null', `+++ ${path}`, ...linesOf(after).map((line) => `+${line}`)]
  const lines = (diff(linesOf(before), linesOf(after)) as [number, string][]).map(
    ([kind, text]) => `${kind === 0 ? ' ' : kind < 0 ? '+' : '-'}${text}`,
  )
  const near = (at: number) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some((line) => !line.startsWith(' '))
  const shown = lines.flatMap((line, at) => {
    if (!near(at)) return []
    return at > 0 && !near(at - 1) ? ['@@', line] : [line]
  })
  return [`--- ${path}`, `+++ ${path}`, ...shown]
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/)
}
