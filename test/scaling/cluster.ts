import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { startLocalS3 } from '@tintype/local-s3'
import { appPolicy, listPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { createDatabase } from '../support/postgres.ts'
import { command, type ServerProcess, startProcess } from '../support/process.ts'

const app = { accessKeyId: 'app', secretAccessKey: 'app-secret' }
const auditor = { accessKeyId: 'auditor', secretAccessKey: 'auditor-secret' }

/** One Postgres database and one bucket, and as many server processes as a test starts. */
export async function createCluster() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-scaling-'))
  const database = await createDatabase()
  const s3 = await startLocalS3({
    directory: join(directory, 's3'),
    identities: [
      { ...app, name: 'app', policy: appPolicy('photos', { multipart: true }) },
      { ...auditor, name: 'auditor', policy: listPolicy('photos') },
    ],
    buckets: ['photos'],
  })
  const env = {
    DATABASE_URL: database.url,
    S3_BUCKET: 'photos',
    S3_ENDPOINT: s3.url,
    AWS_ACCESS_KEY_ID: app.accessKeyId,
    AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
    AUDIT_ACCESS_KEY_ID: auditor.accessKeyId,
    AUDIT_SECRET_ACCESS_KEY: auditor.secretAccessKey,
    SWEEP_GRACE: '1',
  }
  const running = new Set<Node>()

  return {
    databaseUrl: database.url,

    async start(more: Record<string, string> = {}): Promise<Node> {
      const process = await startProcess({ ...env, TINTYPE_DATA: directory, ...more })
      const node = { ...process, events: collectEvents(process) }
      running.add(node)
      void process.ended.then(() => running.delete(node))
      return node
    },

    /** Every line of `tintype audit` but the summary. */
    async audit(): Promise<string[]> {
      const args = [command, 'audit', '--json', '--checksums']
      const child = spawn(globalThis.process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
      const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
      return output.trim().split('\n').slice(0, -1)
    },

    async close() {
      await Promise.all([...running].map((node) => node.terminate()))
      await s3.close()
      await database.drop()
      await rm(directory, { recursive: true })
    },
  }
}

export type Cluster = Awaited<ReturnType<typeof createCluster>>

export interface Node extends ServerProcess {
  /** What it has logged, in order, by event. */
  events: Record<string, unknown>[]
}

function collectEvents({ child }: ServerProcess): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = []
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) events.push(JSON.parse(line) as Record<string, unknown>)
    })
  }
  return events
}
