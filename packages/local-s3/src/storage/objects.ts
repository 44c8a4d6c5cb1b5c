import type { ChecksumAlgorithm, ChecksumType } from '../checksum/index.ts'
import type { Extent } from './blobs.ts'
import type { Buckets } from './buckets.ts'
import type { Database } from './database.ts'
import { type ListOptions, listPage, type Page } from './listing.ts'

/** An object, which is whole. */
export interface StoredObject {
  bucket: string
  key: string
  /** Milliseconds. */
  modified: number
  size: number
  /** Without quotes: hex of an MD5, `-N` behind it if it came in N parts. */
  etag: string
  /** Content headers and `x-amz-meta-*` by lower-case name, as they were sent. */
  headers: Record<string, string>
  checksum: { algorithm: ChecksumAlgorithm; type: ChecksumType; value: string }
  /** Copies share it, or the upload. */
  blob: string | null
  /** Its bytes are the parts of this upload. A copy of them came in one piece all the same: {@link cameInParts}. */
  upload: string | null
}

/** Whether an object was made by an upload of parts, as its ETag says. */
export const cameInParts = ({ etag }: Pick<StoredObject, 'etag'>): boolean => etag.includes('-')

/** A part of an upload, or of an object made by one. */
export interface Part {
  number: number
  modified: number
  size: number
  etag: string
  /** In base64, by algorithm. */
  checksums: Partial<Record<ChecksumAlgorithm, string>>
  blob: string | null
}

/** Checks a write against the existing object; throws to stop it. */
export type Condition = (current: StoredObject | undefined) => void

export type Objects = ReturnType<typeof createObjects>

export function createObjects(database: Database, buckets: Buckets) {
  function find(bucket: string, key: string): StoredObject | undefined {
    const row = database.get<ObjectRow>('select * from object where bucket = ? and key = ?', [bucket, key])
    return row && fromRow(row)
  }

  /** Whether there is an object, this one or a copy, that has these bytes. */
  function isNamed({ blob, upload }: Pick<StoredObject, 'blob' | 'upload'>): boolean {
    const [column, value] = upload === null ? ['blob', blob] : ['upload', upload]
    return database.get(`select 1 from object where ${column} = ? limit 1`, [value]) !== undefined
  }

  /** Inside a transaction, when the row has gone: removes what it referred to. Returns blobs that no copy shares. */
  function release(object: StoredObject): string[] {
    if (isNamed(object)) return []
    const { blob, upload } = object
    if (upload === null) return blob === null ? [] : [blob]
    const parts = database.all<{ blob: string | null }>('select blob from part where upload = ?', [upload])
    database.run('delete from part where upload = ?', [upload])
    return parts.flatMap((part) => part.blob ?? [])
  }

  /** Inside a transaction: puts the object in the place of what is there. Returns the blobs that it replaced. */
  function replace(object: StoredObject, condition: Condition): string[] {
    buckets.demand(object.bucket)
    const current = find(object.bucket, object.key)
    condition(current)
    const { bucket, key, modified, size, etag, headers, checksum, blob, upload } = object
    database.run('insert or replace into object values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
      bucket,
      key,
      modified,
      size,
      etag,
      JSON.stringify(headers),
      checksum.algorithm,
      checksum.type,
      checksum.value,
      blob,
      upload,
    ])
    return current ? release(current) : []
  }

  return {
    find,
    replace,

    /** Puts an object that shares the bytes of another. Returns undefined if these have gone meanwhile. */
    putCopy: (object: StoredObject, condition: Condition): string[] | undefined =>
      database.transaction(() =>
        object.size === 0 || isNamed(object) ? replace(object, condition) : undefined,
      ),

    put: (object: StoredObject, condition: Condition): string[] =>
      database.transaction(() => replace(object, condition)),

    /**
     * Deletes all of these in one transaction. Returns the blobs that they named. A condition that
     * throws leaves only its own object in place: `refused` tells which.
     */
    delete(bucket: string, targets: { key: string; condition: Condition }[]) {
      return database.transaction(() => {
        buckets.demand(bucket)
        const refused = new Map<string, unknown>()
        const freed = targets.flatMap(({ key, condition }) => {
          const current = find(bucket, key)
          try {
            condition(current)
          } catch (error) {
            refused.set(key, error)
            return []
          }
          if (current === undefined) return []
          database.run('delete from object where bucket = ? and key = ?', [bucket, key])
          return release(current)
        })
        return { freed, refused }
      })
    },

    list: (bucket: string, options: ListOptions): Page<StoredObject> =>
      listPage(function* (from) {
        const rows = database.iterate<ObjectRow>(
          'select * from object where bucket = ? and key >= ? order by key',
          [bucket, from],
        )
        for (const row of rows) yield fromRow(row)
      }, options),

    /** Where the bytes from `start` up to but without `end` are. */
    extents({ blob, upload }: StoredObject, start: number, end: number): Extent[] {
      if (upload === null) return blob === null || end <= start ? [] : [{ blob, start, end }]
      const parts = database.all<{ blob: string | null; start: number; size: number }>(
        'select blob, start, size from part where upload = ? and start < ? and start + size > ? order by number',
        [upload, end, start],
      )
      return parts.flatMap((part) =>
        part.blob === null
          ? []
          : {
              blob: part.blob,
              start: Math.max(0, start - part.start),
              end: Math.min(part.size, end - part.start),
            },
      )
    },

    /** The parts that an object was made of, in order, `max` of them after number `after`; none if it came in one piece. */
    parts: (object: StoredObject, after: number, max: number): (Part & { start: number })[] =>
      cameInParts(object)
        ? database
            .all<PartRow & { start: number }>(
              'select * from part where upload = ? and number > ? order by number limit ?',
              [object.upload, after, max],
            )
            .map((row) => ({ ...partFromRow(row), start: row.start }))
        : [],

    countParts: ({ upload }: StoredObject): number =>
      database.get<{ n: number }>('select count(*) as n from part where upload = ?', [upload])?.n ?? 0,
  }
}

export type PartRow = Omit<Part, 'checksums'> & { checksums: string }

export function partFromRow({ number, modified, size, etag, checksums, blob }: PartRow): Part {
  return { number, modified, size, etag, checksums: JSON.parse(checksums), blob }
}

interface ObjectRow extends Omit<StoredObject, 'headers' | 'checksum'> {
  headers: string
  checksum_algorithm: ChecksumAlgorithm
  checksum_type: ChecksumType
  checksum: string
}

function fromRow(row: ObjectRow): StoredObject {
  const {
    bucket,
    key,
    modified,
    size,
    etag,
    headers,
    checksum_algorithm,
    checksum_type,
    checksum,
    blob,
    upload,
  } = row
  return {
    bucket,
    key,
    modified,
    size,
    etag,
    headers: JSON.parse(headers),
    checksum: { algorithm: checksum_algorithm, type: checksum_type, value: checksum },
    blob,
    upload,
  }
}
