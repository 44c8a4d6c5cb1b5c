import type { Paint } from '@tintype/aws'
import type { Finding } from 'tintype/internal/bucket/finding'

const marks = { ok: '✓', failed: '✗', warned: '!', skipped: '-' } as const
const colours = { ok: 'green', failed: 'red', warned: 'yellow', skipped: 'dim' } as const

/**
 * Prints each finding as soon as it is made, and counts them.
 * @returns the exit code: 1 when anything failed
 */
export async function printFindings(findings: AsyncIterable<Finding>, paint: Paint): Promise<number> {
  const counts = { ok: 0, failed: 0, warned: 0, skipped: 0 }
  for await (const finding of findings) {
    counts[finding.verdict] += 1
    console.log(findingLine(finding, paint))
  }
  const { ok, failed, warned, skipped } = counts
  const others = [warned > 0 ? `${warned} to look at` : '', skipped > 0 ? `${skipped} not tried` : ''].filter(
    Boolean,
  )
  const rest = others.length > 0 ? `, ${others.join(', ')}` : ''
  console.log(paint(failed > 0 ? 'red' : 'green', `\n${failed} failed, ${ok} as it should be${rest}.`))
  return failed > 0 ? 1 : 0
}

function findingLine({ verdict, what, detail, remedy }: Finding, paint: Paint): string {
  const came = detail === undefined ? '' : `: ${detail}`
  const line = `${paint(colours[verdict], `${marks[verdict]} ${what}`)}${came}`
  return remedy === undefined ? line : `${line}\n    ${remedy}`
}
