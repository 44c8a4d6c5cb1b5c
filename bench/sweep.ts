/**
 * How fast one process sweeps, by the time that S3 takes for a deletion: `node bench/sweep.ts [KEYS] [DATABASE]`.
 * The S3 is a server in a process of its own that answers every DELETE with 204 after a while. For docs/scaling.md.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBucket } from '../packages/tintype/src/bucket/bucket.ts'
import { createKeys } from '../packages/tintype/src/bucket/keys.ts'
import { systemClock } from '../packages/tintype/src/clock.ts'
import { silentLog } from '../packages/tintype/src/log.ts'
import { openRecords } from '../packages/tintype/src/records/records.ts'
import { createSweeper } from '../packages/tintype/src/sweep/sweeper.ts'

const { makeKey } = createKeys()

if (process.send) {
  const wait = Number(process.argv[2])
  const server = createServer((_req, res) => void setTimeout(() => res.writeHead(204).end(), wait))
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
} else {
  const count = Number(process.argv[2] ?? 4000)
  const directory = mkdtempSync(join(tmpdir(), 'tintype-bench-'))
  const records = await openRecords(process.argv[3] ?? join(directory, 'tintype.db'))
  console.log('S3 takes   keys/s   ms CPU per key')
  for (const wait of [0, 20, 50]) {
    const s3 = fork(import.meta.filename, [String(wait)])
    const [port] = await once(s3, 'message')
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
    const place = { name: 'photos', endpoint: `http://127.0.0.1:${port}`, credentials }
    const bucket = createBucket(place, { signReadTtl: 60, now: Date.now })
    const sweeper = createSweeper({ records, bucket, clock: systemClock, log: silentLog, grace: 1000 })
    await records.audit.scheduleDeletion(
      Array.from({ length: count }, () => makeKey('original', 'jpg')),
      0,
    )
    const cpu = process.cpuUsage()
    const begun = performance.now()
    await sweeper.sweepDue()
    const seconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(cpu)
    console.log(
      `${wait} ms`.padStart(8),
      String(Math.round(count / seconds)).padStart(8),
      ((user + system) / 1000 / count).toFixed(2).padStart(16),
    )
    bucket.close()
    s3.kill()
  }
  await records.close()
  rmSync(directory, { recursive: true })
}
