/**
 * What Tintype costs beside what one would pick instead, on the machine that this runs on.
 *
 *     npm run bench                          everything; writes docs/performance.md (40 minutes)
 *     npm run bench -- form-200k storm       these alone
 *     npm run bench -- --quick               small runs that write nothing
 *     npm run bench -- hooks --before COMMIT  beside an earlier version of this repository
 *     npm run bench -- form-200k --profile   where our server spends its time
 *
 * Linux: it reads CPU time and memory off /proc.
 */
import { parseArgs } from 'node:util'
import { installPeers } from './harness/install.ts'
import { profile } from './harness/profile.ts'
import { toText, write } from './harness/report.ts'
import type { Scenario } from './harness/scenario.ts'

installPeers()
const { scenarios } = await import('./scenarios/index.ts')

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    before: { type: 'string' },
  },
  allowPositionals: true,
})
const known = scenarios.map(({ id }) => id)
const unknown = positionals.filter((id) => !known.includes(id))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  process.exit(2)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = { quick: values.quick, before: values.before, progress }
const chosen = scenarios.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
for (const scenario of chosen) await (values.profile ? printProfile(scenario) : measure(scenario))

async function measure(scenario: Scenario): Promise<void> {
  console.log(`\n${scenario.title}`)
  const findings = await scenario.run(options)
  progress('')
  console.log(toText(findings))
  if (!values.quick) write(scenario, findings)
}

async function printProfile(scenario: Scenario): Promise<void> {
  if (scenario.profile) console.log(`\n${scenario.title}\n${await profile(scenario.profile, options)}`)
}

function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`)
}
