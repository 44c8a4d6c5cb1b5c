import { S3Error } from '../errors.ts'
import type { Database } from './database.ts'

export interface Bucket {
  name: string
  /** Milliseconds. */
  created: number
}

/** The configurations that a bucket may have. CORS and lifecycle are kept as XML, the policy as JSON. */
export type ConfigurationKind = 'cors' | 'lifecycle' | 'policy'

export type Buckets = ReturnType<typeof createBuckets>

export function createBuckets(database: Database, now: () => number) {
  const find = (name: string) => database.get<Bucket>('select * from bucket where name = ?', [name])

  /** @throws S3Error NoSuchBucket */
  function demand(name: string): void {
    if (find(name) === undefined)
      throw new S3Error('NoSuchBucket', undefined, { details: { BucketName: name } })
  }

  return {
    find,
    demand,

    list: (prefix: string, after: string, max: number): Bucket[] =>
      database.all(
        'select * from bucket where name > ? and substr(name, 1, length(?)) = ? order by name limit ?',
        [after, prefix, prefix, max],
      ),

    /** False if it was there already. @throws S3Error InvalidBucketName */
    create(name: string): boolean {
      if (!isBucketName(name))
        throw new S3Error('InvalidBucketName', undefined, { details: { BucketName: name } })
      return database.transaction(() => {
        if (find(name) !== undefined) return false
        database.run('insert into bucket (name, created) values (?, ?)', [name, now()])
        return true
      })
    },

    /**
     * Uploads that are not completed go with it. Returns the blobs that nothing names any more.
     *
     * @throws S3Error NoSuchBucket, BucketNotEmpty
     */
    delete: (name: string): string[] =>
      database.transaction(() => {
        demand(name)
        if (database.get('select 1 from object where bucket = ? limit 1', [name]) !== undefined) {
          throw new S3Error('BucketNotEmpty', undefined, { details: { BucketName: name } })
        }
        const parts = database.all<{ blob: string | null }>(
          'select blob from part where upload in (select id from upload where bucket = ?)',
          [name],
        )
        database.run('delete from part where upload in (select id from upload where bucket = ?)', [name])
        database.run('delete from bucket where name = ?', [name])
        return parts.flatMap(({ blob }) => blob ?? [])
      }),

    getConfiguration: (bucket: string, kind: ConfigurationKind): string | undefined =>
      database.get<{ document: string }>(
        'select document from bucket_configuration where bucket = ? and kind = ?',
        [bucket, kind],
      )?.document,

    /** Undefined takes it away. @throws S3Error NoSuchBucket */
    setConfiguration(bucket: string, kind: ConfigurationKind, document: string | undefined): void {
      database.transaction(() => {
        demand(bucket)
        if (document === undefined) {
          database.run('delete from bucket_configuration where bucket = ? and kind = ?', [bucket, kind])
        } else {
          database.run(
            'insert or replace into bucket_configuration (bucket, kind, document) values (?, ?, ?)',
            [bucket, kind, document],
          )
        }
      })
    },
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.[.-]|-\./.test(name) &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  )
}
