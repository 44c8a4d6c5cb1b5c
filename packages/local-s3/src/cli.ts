import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Identity, startLocalS3 } from './index.ts'

const usage = `local-s3 --directory D --access-key K --secret-key S [--bucket B]... [options]

  --directory D      where buckets and objects are kept
  --access-key K     a key that may do everything
  --secret-key S     its secret
  --identities FILE  more keys: a JSON list of { "accessKeyId", "secretAccessKey", "name", "policy" },
                     policy being an IAM policy document; without one the key may do everything
  --bucket B         a bucket to make if it is not there; repeatable
  --port N           default 9000; 0 takes a free one
  --host H           default 127.0.0.1
  --region R         default us-east-1
  --help             this text`

try {
  await main()
} catch (error) {
  console.error(`local-s3: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      'access-key': { type: 'string' },
      'secret-key': { type: 'string' },
      identities: { type: 'string' },
      bucket: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '9000' },
      host: { type: 'string', default: '127.0.0.1' },
      region: { type: 'string', default: 'us-east-1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const { directory, bucket: buckets, host, region } = values
  if (!directory) throw new Error('--directory is needed; --help tells more.')
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN
  if (!(port <= 65535)) {
    throw new Error(`--port is a number from 0 to 65535, not ${values.port}.`)
  }
  const identities = await readIdentities(values['access-key'], values['secret-key'], values.identities)
  const s3 = await startLocalS3({ directory, identities, buckets, port, host, region })
  console.log(`local-s3 listens on ${s3.url}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => s3.close())
}

async function readIdentities(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  file: string | undefined,
): Promise<Identity[]> {
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new Error('--access-key and --secret-key go together.')
  }
  const own = accessKeyId && secretAccessKey ? [{ accessKeyId, secretAccessKey }] : []
  const more: unknown = file === undefined ? [] : JSON.parse(await readFile(file, 'utf8'))
  if (!Array.isArray(more)) throw new Error(`${file} must hold a JSON list of identities.`)
  const identities = [...own, ...more]
  if (identities.length > 0) return identities
  throw new Error('no credentials could be used: give --access-key and --secret-key, or --identities.')
}
