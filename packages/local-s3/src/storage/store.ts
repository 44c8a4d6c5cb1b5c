import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blobs, openBlobs } from './blobs.ts'
import { type Buckets, createBuckets } from './buckets.ts'
import { openDatabase } from './database.ts'
import { createObjects, type Objects } from './objects.ts'
import { createUploads, type Uploads } from './uploads.ts'
import { createWholeDigests, type WholeDigests } from './whole-digests.ts'

/** Everything that is kept: rows in one SQLite file, bytes in files beside it. */
export interface Store {
  buckets: Buckets
  objects: Objects
  uploads: Uploads
  blobs: Blobs
  digests: WholeDigests
  close(): Promise<void>
}

/**
 * Opens a directory, making it if need be, and removes what a crash left there.
 *
 * A write makes its blob durable first and names it in a transaction afterwards; a delete commits
 * first and removes blobs afterwards. So a crash leaves blobs without a row, never the reverse.
 *
 * @throws Error when another process uses the directory
 */
export async function openStore(directory: string, now: () => number): Promise<Store> {
  await mkdir(directory, { recursive: true })
  const database = openDatabase(join(directory, 'local-s3.db'))
  const buckets = createBuckets(database, now)
  const objects = createObjects(database, buckets)
  const uploads = createUploads(database, buckets, objects, now)
  try {
    const blobs = await openBlobs(join(directory, 'blobs'))
    await blobs.sweep(
      (start) =>
        new Set(
          ['object', 'part'].flatMap((table) =>
            database
              .all<{ blob: string }>(`select blob from ${table} where blob >= ? and blob < ?`, [
                start,
                `${start}g`,
              ])
              .map(({ blob }) => blob),
          ),
        ),
    )
    const digests = createWholeDigests({ objects, uploads, blobs })
    const close = async () => {
      await digests.stop()
      database.close()
    }
    return { buckets, objects, uploads, blobs, digests, close }
  } catch (error) {
    database.close()
    throw error
  }
}
