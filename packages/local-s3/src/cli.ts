import { parseArgs } from 'node:util'
import { type Identity, startLocalS3 } from './index.ts'

const usage = `local-s3 --directory D --access-key K --secret-key S [--bucket B]... [options]

  --directory D    where buckets and objects are kept
  --access-key K   the key that may do everything
  --secret-key S   its secret
  --bucket B       a bucket to make if it is not there; repeatable
  --port N         default 9000; 0 takes a free one
  --host H         default 127.0.0.1
  --region R       default us-east-1
  --help           this text`

await main()

async function main(): Promise<void> {
  const { values } = parse()
  if (values.help) return console.log(usage)
  const { directory, 'access-key': accessKeyId, 'secret-key': secretAccessKey, bucket: buckets = [] } = values
  if (!directory || !accessKeyId || !secretAccessKey) {
    return fail('--directory, --access-key and --secret-key are needed.')
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) return fail('--port is a number from 0 to 65535.')
  const identity: Identity = { name: 'root', accessKeyId, secretAccessKey }
  const { host, region } = values
  try {
    const s3 = await startLocalS3({ directory, identities: [identity], buckets, port, host, region })
    console.log(`local-s3 listens on ${s3.url}`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => s3.close())
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

function parse() {
  try {
    return parseArgs({
      options: {
        directory: { type: 'string' },
        'access-key': { type: 'string' },
        'secret-key': { type: 'string' },
        bucket: { type: 'string', multiple: true },
        port: { type: 'string', default: '9000' },
        host: { type: 'string', default: '127.0.0.1' },
        region: { type: 'string', default: 'us-east-1' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
    process.exit(1)
  }
}

function fail(message: string): void {
  console.error(`local-s3: ${message}\n\n${usage}`)
  process.exitCode = 1
}
