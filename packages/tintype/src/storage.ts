import { resolve } from 'node:path'
import { locate } from './bucket/locate.ts'
import { startEmbeddedBucket } from './embedded.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings/options.ts'

/** Where objects go, with the embedded S3 where no bucket is named. */
export async function openStorage({ bucket, directory }: Pick<Settings, 'bucket' | 'directory'>, log: Log) {
  if (bucket !== undefined) return { embedded: undefined, where: await locate(bucket) }
  const embedded = await startEmbeddedBucket(directory, log)
  log.warn('storage.embedded', { directory: resolve(directory), why: embeddedBecause })
  return { embedded, where: embedded.bucket }
}

const embeddedBecause =
  'No bucket is named: photos and videos are kept on the disk of this machine, in this folder.'
