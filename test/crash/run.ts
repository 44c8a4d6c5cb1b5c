import { parseArgs } from 'node:util'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { mixes } from './clients.ts'
import { type KillsResult, killAtRandom, scarceMemory, shortWindow } from './kills.ts'
import { createWorld, type DatabaseName, startStorage } from './world.ts'

const usage = `npm run crash -- [--kills N] [--database sqlite|postgres] [--seed N] [--concurrency N] [--mix M] [--no-hooks]

  --kills N      how often a server is killed, in all; default 500
  --database D   default sqlite; postgres needs TEST_POSTGRES_URL, whose user may create databases
  --seed N       for the same operations, faults and moments again; default: another one each time
  --concurrency N      worlds side by side, each with its own bucket and database; default 2
  --mix M        what clients do: everything, or resumable for resumable uploads alone; default everything
  --no-hooks     servers without the hooks of an app: their uploads share commits`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    database: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    concurrency: { type: 'string', default: '2' },
    mix: { type: 'string', default: 'everything' },
    'no-hooks': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else process.exitCode = await main()

async function main(): Promise<number> {
  const [kills, seed, concurrency] = [values.kills, values.seed, values.concurrency].map(Number) as [
    number,
    number,
    number,
  ]
  const database = values.database as DatabaseName
  const mix = mixes.find((one) => one === values.mix)
  if (
    ![kills, seed, concurrency].every(Number.isSafeInteger) ||
    !['sqlite', 'postgres'].includes(database) ||
    !mix
  ) {
    console.error(usage)
    return 2
  }
  if (database === 'postgres' && skipWithoutPostgres) {
    console.error(skipWithoutPostgres)
    return 2
  }
  console.log(`seed ${seed}: ${kills} kills on ${database}, ${concurrency} at a time`)
  const started = performance.now()
  const storage = await startStorage()
  const latest: KillsResult[] = []
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0)
  const runWorld = async (index: number) => {
    const world = await createWorld(storage, {
      database,
      env: { ...shortWindow, ...(mix === 'resumable' ? scarceMemory : {}) },
      hooked: !values['no-hooks'],
    })
    try {
      const share = Math.floor(kills / concurrency) + (index < kills % concurrency ? 1 : 0)
      latest[index] = await killAtRandom(world, {
        kills: share,
        seed: seed + index,
        checkEvery: 10,
        mix,
        // Several processes may share one Postgres; an SQLite file is for one.
        servers: database === 'postgres' ? 2 : 1,
        onCheck(so) {
          latest[index] = so
          for (const violation of so.violations) console.log(`VIOLATION in world ${index}: ${violation}`)
          console.log(`${seconds()} s: ${summary(sum(latest))}`)
        },
      })
    } finally {
      await world.dispose()
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, (_, index) => runWorld(index)))
  } finally {
    await storage.stop()
  }
  const total = sum(latest)
  console.log(`\n${database}, seed ${seed}, ${seconds()} s: ${summary(total)}`)
  for (const [fault, times] of Object.entries(total.faults).sort()) console.log(`  ${fault}: ${times}`)
  for (const violation of total.violations) console.log(`  VIOLATION: ${violation}`)
  if (total.violations.length > 0) {
    console.log(
      `Again: npm run crash -- --kills ${kills} --database ${database} --seed ${seed} --concurrency ${concurrency}${mix === 'everything' ? '' : ` --mix ${mix}`}${values['no-hooks'] ? ' --no-hooks' : ''}`,
    )
  }
  return total.violations.length > 0 ? 1 : 0
}

function summary(so: KillsResult): string {
  const faults = Object.values(so.faults).reduce((a, b) => a + b, 0)
  return [
    `${so.kills} kills`,
    `${so.pauses} pauses`,
    `${faults} faults`,
    `${so.uploads} uploads acknowledged`,
    `${so.replaced} replaced`,
    `${so.deletes} deleted`,
    `${so.restored} restored`,
    `${so.tooLate} too late`,
    `${so.versions} versions restored`,
    `${so.contended} contended`,
    `${so.refused} unsound refused`,
    `${so.unknown} without an answer`,
    `${so.checks} checks`,
    `${so.violations.length} violations`,
  ].join(', ')
}

type Countable = Exclude<keyof KillsResult, 'faults' | 'violations'>

function sum(results: (KillsResult | undefined)[]): KillsResult {
  const total: KillsResult = {
    kills: 0,
    pauses: 0,
    checks: 0,
    uploads: 0,
    replaced: 0,
    deletes: 0,
    restored: 0,
    tooLate: 0,
    versions: 0,
    contended: 0,
    unknown: 0,
    refused: 0,
    faults: {},
    violations: [],
  }
  for (const one of results) {
    if (one === undefined) continue
    for (const [name, value] of Object.entries(one)) {
      if (typeof value === 'number') total[name as Countable] += value
    }
    for (const [fault, times] of Object.entries(one.faults) as [keyof typeof one.faults, number][]) {
      total.faults[fault] = (total.faults[fault] ?? 0) + times
    }
    total.violations.push(...one.violations)
  }
  return total
}
