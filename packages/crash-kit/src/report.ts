import { type Kind, kinds } from './count.ts'
import type { Report } from './run.ts'

/** How many there are of each kind. */
export function tally({ violations }: Report): Record<Kind, number> {
  const numbers = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 0])) as Record<Kind, number>
  for (const { kind } of violations) numbers[kind] += 1
  return numbers
}

export function killsOf({ kills }: Report): number {
  return Object.values(kills).reduce((a, b) => a + b, 0)
}

/** Of orphaned objects and of refused files that stayed. */
export function orphanedBytes({ violations }: Report): number {
  return violations.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
}

/** How many examples of a kind are told. */
const examples = 3

/** A page on one run. */
export function toMarkdown(report: Report): string {
  const { backend, seed, date, seconds, work, faults, kills, recovery, violations } = report
  const numbers = tally(report)
  const rows = (Object.entries(kinds) as [Kind, string][]).map(
    ([kind, name]) => `| ${name} | ${numbers[kind]} |`,
  )
  const stories = (Object.entries(kinds) as [Kind, string][]).flatMap(([kind, name]) => {
    const some = violations.filter((one) => one.kind === kind).slice(0, examples)
    return some.length === 0
      ? []
      : [
          `\n${name[0]?.toUpperCase()}${name.slice(1)}, for example:\n`,
          ...some.map(({ what, story }) => `- \`${what}\`: ${story}`),
        ]
  })
  return `# ${backend}

${date}, seed ${seed}, ${seconds} seconds, ${report.clients} clients. ${violations.length === 0 ? 'Nothing is wrong.' : `${violations.length} things are wrong.`}

| after ${killsOf(report)} kills | |
|---|---|
${rows.join('\n')}
| bytes that nobody will delete | ${orphanedBytes(report)} |

${stories.length === 0 ? '' : `${stories.join('\n').trim()}\n\n`}Work: ${countsOf({ ...work })}.

Kills: ${countsOf(kills)}.

Faults of S3: ${countsOf(faults)}.

Clean-up, ${recovery.seconds} seconds: ${recovery.how}
`
}

function countsOf(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}
