// An app in a process of its own, which makes one media of a file that it has, and dies as it is told to: see crash.long.test.ts.
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { armCrashPoint, type CrashPoint } from '../../packages/tintype/src/crash-points.ts'
import { createTintype } from '../../packages/tintype/src/tintype.ts'

export interface Order {
  database: string
  endpoint: string
  path: string
  /** Where it dies. */
  at: CrashPoint | 'before commit' | 'after commit'
  /** Whether it has a transaction of its own. */
  inside: boolean
}

const order = JSON.parse(process.argv[2] ?? '') as Order
const tintype = await createTintype({
  database: order.database,
  bucket: {
    name: 'photos',
    endpoint: order.endpoint,
    credentials: { accessKeyId: 'app', secretAccessKey: 'apps-secret' },
  },
  authenticate: () => null,
  times: { uploadDeadline: 60 },
  log: { info() {}, warn() {}, error() {} },
})
const own = order.inside ? await open() : undefined
await own?.exec('begin')
if (order.at !== 'before commit' && order.at !== 'after commit') armCrashPoint(order.at)
await tintype.media.create({ path: order.path }, { owner: 'ann', ...(own && { trx: own.trx }) })
if (order.at === 'after commit') await own?.exec('commit')
process.kill(process.pid, 'SIGKILL')

async function open() {
  if (/^postgres/.test(order.database)) {
    const client = new pg.Client(order.database)
    await client.connect()
    return { trx: client, exec: async (sql: string) => void (await client.query(sql)) }
  }
  const db = new DatabaseSync(order.database, { timeout: 5000 })
  return { trx: db, exec: async (sql: string) => db.exec(sql) }
}
