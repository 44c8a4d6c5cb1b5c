// A reporter for `node --test`: what was skipped and why, after the sums. Where TEST_MAY_SKIP is set, to parts of the
// reasons that are expected, separated by commas, any other reason fails the run: what was to be tested has not been.
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

export default async function* skippedTests(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, Set<string>>()
  for await (const { type, data } of events) {
    if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
      const reason = String(data.skip)
      const from = files.get(reason) ?? new Set()
      files.set(reason, from.add(data.file ? relative(process.cwd(), data.file) : data.name))
    } else if (type === 'test:diagnostic' && data.nesting === 0 && data.message.startsWith('duration_ms')) {
      yield* told(files)
    }
  }
}

function* told(files: Map<string, Set<string>>): Generator<string> {
  for (const [reason, from] of files) yield `skipped: ${reason} (${[...from].join(', ')})\n`
  const expected = process.env.TEST_MAY_SKIP?.split(',').filter((part) => part !== '')
  if (expected === undefined) return
  const others = [...files.keys()].filter((reason) => !expected.some((part) => reason.includes(part)))
  if (others.length === 0) return
  process.exitCode = 1
  yield `FAILED: TEST_MAY_SKIP does not name ${others.map((reason) => `"${reason}"`).join(', ')}\n`
}
