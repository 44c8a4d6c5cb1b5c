import type { Request } from 'express'
import type { BucketOptions } from './bucket/bucket.ts'
import type { Clock } from './clock.ts'
import type { MediaLimits } from './inspect/limits.ts'
import type { Log } from './log.ts'
import type { defaultTimes } from './times.ts'

/** What an app may say to `createTintype`; `settings/options.ts` holds it against its rules. */
export interface TintypeOptions {
  /**
   * Where objects go: a bucket's name or more about it. Left out: an S3 server inside this process keeps them below
   * `directory`, and is reached through the router. `undefined` given by name is refused: a variable was not set.
   */
  bucket?: string | BucketOptions
  /** `postgres://user:password@host/database` or the path of an SQLite file. @default `<directory>/tintype.db` */
  database?: string
  /**
   * The address of the app as people reach it, for instance behind a proxy: `https://photos.example`, or with the path
   * that it is below, `https://example.org/photos`. @default the Host of each request, and for URLs that no request asks
   * for (`tintype.media.url()`) a path
   */
  publicUrl?: string
  /** Folder of the embedded S3 and of SQLite. @default './data' */
  directory?: string
  /**
   * Who asks: an owner's id of your choice, or null for nobody (401). Owners see only what is theirs.
   * @default one owner for requests of this very machine, nobody else
   */
  authenticate?: (req: Request) => string | null | Promise<string | null>
  /** Media types that are taken, as read off the bytes, e.g. `['image/jpeg', 'image/png']`. @default all known */
  accept?: readonly string[]
  limits?: Partial<Omit<MediaLimits, 'accept'>> & {
    /** Files in one request. @default 10 */
    files?: number
    /**
     * Bytes of memory that uploads, and the processes that look into them, may use together; see docs/memory.md.
     * @default a quarter of what there is, at most 512 MiB
     */
    memory?: number
  }
  /** Seconds. */
  times?: Partial<typeof defaultTimes>
  /**
   * Seconds after which media that the app has not claimed are removed: for apps with tables of their own, whose
   * users may upload and then never send the form. @default they stay
   */
  claimWithin?: number
  /**
   * Other origins whose pages may use the router, e.g. `http://localhost:5173`: they may write, and the answers have the
   * headers of CORS. @default none
   */
  origins?: readonly string[]
  /** @default one JSON line per event on standard output */
  log?: Log
  clock?: Clock
}
