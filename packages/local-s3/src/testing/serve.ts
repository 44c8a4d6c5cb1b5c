/** A server in a process of its own, to be killed: tells its URL, ends with its parent. */
import { once } from 'node:events'
import { startLocalS3 } from '../index.ts'
import { Bucket, root } from './server.ts'

const s3 = await startLocalS3({ directory: process.argv[2] ?? '', identities: [root], buckets: [Bucket] })
process.send?.(s3.url)
await once(process, 'disconnect')
await s3.close()
