// node try.ts fails.ts, or passes.ts: twenty kills, and what came of them.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Adapter, run, succeeded, toMarkdown } from '@tintype/crash-kit'

/** What the kit has to be told of a backend; the same for both. */
export const adapterOf = (file: string): Adapter => ({
  name: file,
  command: ['node', fileURLToPath(new URL(file, import.meta.url))],
  ready: '/photos',
  env: ({ s3, directory }) => ({
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: s3.bucket,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    DATA: directory,
  }),
  keys: { database: 'photos.db', sql: 'select key from photo' },
  async list({ url }) {
    const response = await succeeded(await fetch(`${await url()}/photos`))
    return (await response.json()) as { id: string; key: string }[]
  },
  async upload({ bytes, type }, { url, key, signal }) {
    const headers = { 'Content-Type': type, 'Idempotency-Key': key }
    const body = new Uint8Array(bytes)
    const response = await fetch(`${await url()}/photos`, { method: 'POST', body, headers, signal })
    return ((await (await succeeded(response)).json()) as { id: string }).id
  },
  async remove(id, { url, signal }) {
    await succeeded(await fetch(`${await url()}/photos/${id}`, { method: 'DELETE', signal }))
  },
  recovery: {
    seconds: 30,
    how: 'Its sweeper, if it has one: keys are due after 8 s, and deleted again 3 s later.',
  },
})

const [, program = '', file = 'fails.ts'] = process.argv
if (import.meta.url === pathToFileURL(program).href) {
  const report = await run(adapterOf(file), {
    seed: 1,
    kills: 20,
    path: process.env.PATH ?? '',
    log: 'backend.log',
  })
  console.log(toMarkdown(report))
  process.exitCode = report.violations.length > 0 ? 1 : 0
}
