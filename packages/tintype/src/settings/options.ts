import { knownTypes } from '@tintype/protocol'
import { type Clock, systemClock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { FindClaim, TintypeOptions } from '../options.ts'
import { changeable } from '../record-checks.ts'
import { accept } from './accept.ts'
import { bucketKind, bucketOptions } from './bucket.ts'
import { databaseKind, databaseOptions } from './database.ts'
import { ConfigError } from './error.ts'
import { ffmpeg } from './ffmpeg.ts'
import { hooksKind } from './hooks.ts'
import { inCode, list, methods, oneOf, text, whole } from './kinds.ts'
import { limitOptions } from './limits.ts'
import { privacyOptions } from './privacy.ts'
import { quotas } from './quotas.ts'
import { rates } from './rates.ts'
import { group, type Options, readOptions } from './read.ts'
import { readFolder } from './storage.ts'
import { timeOptions } from './times.ts'
import { readOrigin, readPublicUrl } from './urls.ts'
import { usualVariants, variantsKind } from './variants.ts'
import { outboxKind, webhookOptions, webhooksKind } from './webhooks.ts'

/** Ten years, in seconds: no date of the database is passed by it. */
const longestClaim = 315_360_000

/**
 * The options of `createTintype`, and the variables that set them in the ready server: names, kinds, ranges and defaults,
 * which stand nowhere else. docs/configuration.md is made of it. What each of them means to an app is told by
 * `TintypeOptions`.
 */
export const tintypeOptions = {
  authenticate: {
    kind: inCode(
      "a function of the request that says whose it is, or 'this-machine'",
      (value): value is NonNullable<TintypeOptions['authenticate']> =>
        value === 'this-machine' || typeof value === 'function',
    ),
    missing:
      "write authenticate: (req) => the id of the user who is signed in, or null for nobody; or, for your own machine alone, authenticate: 'this-machine'.",
    about: 'whose a request is; `this-machine`: one owner, for requests of this machine alone',
  },
  bucket: {
    kind: bucketKind,
    rows: bucketOptions,
    otherwise: 'the embedded S3',
    about: 'where objects go: the name of a bucket, or an object with its name and more',
  },
  database: {
    kind: databaseKind,
    rows: databaseOptions,
    otherwise: '`tintype.db` in `directory`',
    about:
      'where the rows are: the address of a Postgres or the path of an SQLite file, or an object with more',
  },
  directory: {
    kind: text('the path of a folder, such as ./data', readFolder),
    default: './data',
    variable: 'TINTYPE_DATA',
    about: 'folder of the embedded S3 and of SQLite; one process at a time',
  },
  publicUrl: {
    kind: text('an address such as https://photos.example', readPublicUrl),
    variable: 'PUBLIC_URL',
    otherwise: 'the Host of each request',
    about:
      'the address that people use, for instance behind a proxy; may have a path ([proxies.md](proxies.md))',
  },
  origins: {
    kind: list("a list of origins, such as ['http://localhost:5173']", readOrigin),
    default: [],
    variable: 'ORIGINS',
    otherwise: 'none',
    about: 'other origins whose pages may use the API, such as `http://localhost:5173`',
  },
  accept: {
    kind: accept,
    default: new Set<string>(knownTypes),
    otherwise: 'all of them',
    about: 'media types that are taken',
  },
  ffmpeg: {
    kind: ffmpeg,
    variable: 'FFMPEG',
    otherwise: 'the one of `PATH`, if there is one',
    about: 'program that makes the posters of videos which the library can not decode ([video.md](video.md))',
  },
  limits: group(limitOptions, 'how much is taken'),
  privacy: group(
    privacyOptions,
    'what is removed from files before they are stored ([privacy.md](privacy.md))',
  ),
  variants: {
    kind: variantsKind,
    default: usualVariants,
    variable: 'VARIANTS',
    otherwise: '`{ thumb: { width: 320 }, view: { width: 2048 } }`',
    about:
      'smaller copies of each photo: a name for each, with its size and format ([pictures.md](pictures.md))',
  },
  times: group(timeOptions, 'how long things last, in seconds'),
  quotas,
  hooks: {
    kind: hooksKind,
    otherwise: 'none',
    about:
      'functions that have their say in each upload: `beforeUpload`, `transform`, `scan`, `ready`, `removed`, `restored` ([hooks.md](hooks.md))',
  },
  rates,
  canView: {
    kind: inCode(
      'a function that says whether a request may see what belongs to another',
      (value): value is NonNullable<TintypeOptions['canView']> => typeof value === 'function',
    ),
    otherwise: "nobody sees what is another's",
    about: 'lets some see the photos of others ([media.md](media.md))',
  },
  patchable: {
    kind: list("a list of what may be changed, such as ['caption', 'alt']", (name, value) =>
      oneOf(changeable).check(name, value),
    ),
    default: ['caption', 'alt'] as const,
    otherwise: '`caption` and `alt`',
    about: 'what clients may change: `caption`, `alt`, `data` ([media.md](media.md))',
  },
  claimWithin: {
    kind: whole({ unit: 'seconds', least: 1, most: longestClaim }),
    otherwise: 'they stay',
    about: 'after which media that the app has not claimed are removed ([transactions.md](transactions.md))',
  },
  findClaim: {
    kind: inCode(
      'a function that says what uses the media',
      (value): value is FindClaim => typeof value === 'function',
    ),
    otherwise: 'nothing is asked',
    about: 'asked before unclaimed media is removed ([records.md](records.md))',
  },
  outbox: {
    kind: outboxKind,
    default: [],
    otherwise: 'off',
    about: 'keeps events until a handler has taken them ([events.md](events.md))',
  },
  webhooks: {
    kind: webhooksKind,
    rows: webhookOptions,
    default: [],
    otherwise: 'none',
    about: 'where events are sent to',
  },
  log: {
    kind: methods<Log>('an object with the methods info, warn and error', 'info', 'warn', 'error'),
    otherwise: 'nothing, but warnings of Node',
    about: 'where events go ([logs.md](logs.md))',
  },
  clock: {
    kind: methods<Clock>('an object with the methods now and after', 'now', 'after'),
    default: systemClock,
    otherwise: "the system's",
    about: 'where time comes from, for tests',
  },
} as const satisfies Options & Record<keyof TintypeOptions, unknown>

export type Settings = ReturnType<typeof readTintypeOptions>

/**
 * The options of an app, checked, with defaults for what it has left out.
 *
 * @returns `bucket` and `database` undefined: they were left out
 * @throws {ConfigError} also for a bucket or database that is named but undefined or empty: mostly a variable was not
 * set, and what is meant for a bucket must not end up on the server's disk
 */
export function readTintypeOptions(given = {} as TintypeOptions) {
  if (typeof given === 'object' && given !== null) {
    demandValue(given, 'bucket')
    demandValue(given, 'database')
  }
  return readOptions(tintypeOptions, given)
}

function demandValue(options: TintypeOptions, name: 'bucket' | 'database'): void {
  const value: unknown = options[name]
  if (!Object.hasOwn(options, name) || (value !== undefined && value !== null && value !== '')) return
  throw new ConfigError(
    `${name} is given, but has no value: was a variable not set? Name a ${name}, or leave the option out to keep everything in ${options.directory ?? tintypeOptions.directory.default}.`,
  )
}
