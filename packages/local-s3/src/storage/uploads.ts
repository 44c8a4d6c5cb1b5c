import { randomBytes } from 'node:crypto'
import type { ChecksumAlgorithm, ChecksumType } from '../checksum/index.ts'
import { S3Error } from '../errors.ts'
import type { Buckets } from './buckets.ts'
import type { Database } from './database.ts'
import { type ListOptions, listPage, type Page } from './listing.ts'
import {
  type Condition,
  type Objects,
  type Part,
  type PartRow,
  partFromRow,
  type StoredObject,
} from './objects.ts'

/** A multipart upload in progress. */
export interface Upload {
  /** Sorts by time of creation. */
  id: string
  bucket: string
  key: string
  /** Milliseconds. */
  created: number
  /** What its object will have. */
  headers: Record<string, string>
  /** Undefined if the client asked for none. */
  checksum: { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined
}

export type Uploads = ReturnType<typeof createUploads>

export function createUploads(database: Database, buckets: Buckets, objects: Objects, now: () => number) {
  function find(bucket: string, key: string, id: string): Upload | undefined {
    const row = database.get<UploadRow>('select * from upload where id = ? and bucket = ? and key = ?', [
      id,
      bucket,
      key,
    ])
    return row && fromRow(row)
  }

  /** @throws S3Error NoSuchUpload */
  function demand(bucket: string, key: string, id: string): Upload {
    const upload = find(bucket, key, id)
    if (upload === undefined) throw new S3Error('NoSuchUpload', undefined, { details: { UploadId: id } })
    return upload
  }

  const parts = (id: string, after: number, max: number): Part[] =>
    database
      .all<PartRow>('select * from part where upload = ? and number > ? order by number limit ?', [
        id,
        after,
        max,
      ])
      .map(partFromRow)

  /** Inside a transaction. Returns the blobs of the parts. */
  function remove(id: string): string[] {
    const blobs = database.all<{ blob: string | null }>('select blob from part where upload = ?', [id])
    database.run('delete from part where upload = ?', [id])
    database.run('delete from upload where id = ?', [id])
    return blobs.flatMap(({ blob }) => blob ?? [])
  }

  return {
    find,
    demand,
    parts,

    /** @throws S3Error NoSuchBucket */
    create({ bucket, key, headers, checksum }: Omit<Upload, 'id' | 'created'>): Upload {
      const created = now()
      const id = created.toString(16).padStart(12, '0') + randomBytes(18).toString('base64url')
      database.transaction(() => {
        buckets.demand(bucket)
        database.run('insert into upload values (?, ?, ?, ?, ?, ?, ?)', [
          id,
          bucket,
          key,
          created,
          JSON.stringify(headers),
          checksum?.algorithm ?? null,
          checksum?.type ?? null,
        ])
      })
      return { id, bucket, key, created, headers, checksum }
    },

    /** Puts a part in the place of the one with its number. Returns the blobs that it replaced. @throws S3Error NoSuchUpload */
    putPart: ({ bucket, key, id }: Upload, part: Part): string[] =>
      database.transaction(() => {
        demand(bucket, key, id)
        const [before] = parts(id, part.number - 1, 1)
        database.run('insert or replace into part values (?, ?, ?, ?, ?, ?, ?, null)', [
          id,
          part.number,
          part.modified,
          part.size,
          part.etag,
          JSON.stringify(part.checksums),
          part.blob,
        ])
        return before?.number === part.number && before.blob !== null ? [before.blob] : []
      }),

    /** @throws S3Error NoSuchUpload */
    abort: (bucket: string, key: string, id: string): string[] =>
      database.transaction(() => {
        demand(bucket, key, id)
        return remove(id)
      }),

    /**
     * Makes the object out of the chosen parts, where they are. Returns the blobs of what it
     * replaced and of the parts that were not chosen.
     *
     * @param make the object from the upload's parts as they are inside the transaction, which it chooses from
     * @throws S3Error NoSuchUpload, and what `make` and `condition` throw
     */
    complete: (
      { bucket, key, id }: Upload,
      make: (parts: Part[]) => { object: StoredObject; chosen: Part[] },
      condition: Condition,
    ): { object: StoredObject; freed: string[] } =>
      database.transaction(() => {
        demand(bucket, key, id)
        const all = parts(id, 0, maxParts)
        const { object, chosen } = make(all)
        const freed = objects.replace(object, condition)
        const kept = new Set(chosen.map(({ number }) => number))
        for (const { number, blob } of all) {
          if (kept.has(number)) continue
          if (blob !== null) freed.push(blob)
          database.run('delete from part where upload = ? and number = ?', [id, number])
        }
        let start = 0
        for (const { number, size } of chosen) {
          database.run('update part set start = ? where upload = ? and number = ?', [start, id, number])
          start += size
        }
        database.run('delete from upload where id = ?', [id])
        return { object, freed }
      }),

    /** `afterId` continues within the key `options.from`. */
    list: (bucket: string, options: ListOptions, afterId: string): Page<Upload> =>
      listPage(function* (from) {
        const rows = database.iterate<UploadRow>(
          'select * from upload where bucket = ? and key >= ? order by key, id',
          [bucket, from],
        )
        for (const row of rows) if (row.key !== options.from || row.id > afterId) yield fromRow(row)
      }, options),

    /** Takes away the uploads of a bucket under a prefix that were created before a time. Returns their blobs. */
    abortOlder: (bucket: string, prefix: string, before: number): string[] =>
      database.transaction(() =>
        database
          .all<UploadRow>('select * from upload where bucket = ? and created <= ?', [bucket, before])
          .filter(({ key }) => key.startsWith(prefix))
          .flatMap(({ id }) => remove(id)),
      ),
  }
}

/** Parts are numbered from 1 to this. */
export const maxParts = 10_000

interface UploadRow extends Omit<Upload, 'headers' | 'checksum'> {
  headers: string
  checksum_algorithm: ChecksumAlgorithm | null
  checksum_type: ChecksumType | null
}

function fromRow(row: UploadRow): Upload {
  const { id, bucket, key, created, headers, checksum_algorithm, checksum_type } = row
  return {
    id,
    bucket,
    key,
    created,
    headers: JSON.parse(headers),
    checksum:
      checksum_algorithm === null || checksum_type === null
        ? undefined
        : { algorithm: checksum_algorithm, type: checksum_type },
  }
}
