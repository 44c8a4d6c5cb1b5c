import type { Readable } from 'node:stream'
import type { Media } from '@tintype/protocol'
import type { RequestOfApp } from '../app-request.ts'
import type { Fields } from '../intake/form/fields.ts'
import type { PrivacyOptions } from '../privacy/policy.ts'
import type { CallersTransaction } from '../records/callers.ts'
import type { HookTransaction } from '../records/hook-transaction.ts'

/**
 * Functions by which an app has its say in each upload. A hook may be async; it refuses by `throw refuse('…')`. Anything
 * else that it throws costs that one upload (500 `hook_failed`, with the name of the hook and the error in the log), and so
 * does one that takes too long (503 `hook_timeout`). Nothing of the upload is left then.
 */
export interface Hooks<AppRequest extends object = RequestOfApp, Owner = string, Data = unknown> {
  /**
   * Before a byte of the file is taken, or a URL signed for it: to refuse it early, or to say what is kept of it or
   * removed. Where several hooks say it, the last of them that names a thing decides it.
   */
  beforeUpload?(
    file: AnnouncedFile<AppRequest, Owner>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one, too
  ): UploadChoice | void | Promise<UploadChoice | void>
  /**
   * The file is whole, in memory and inspected, and not stored yet: to change it. What this returns is inspected again.
   * It is called for pictures and short videos; a video that is streamed, or sent straight to S3 and larger than
   * `limits.imageBytes`, is never whole in memory.
   */
  transform?(
    file: FileInMemory<AppRequest, Owner>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one, too
  ): Transformed<Data> | void | Promise<Transformed<Data> | void>
  /**
   * The file is whole and inspected, stored, and visible to nobody: to look for what must not get in. Only when this
   * returns is it published. It may take minutes (`times.scan`); the client is told to ask for the outcome then.
   */
  scan?(file: FileToScan<AppRequest, Owner>): void | Promise<void>
  /**
   * Inside the transaction that makes it visible: what the app writes by `trx` and the media appear together, or, when this
   * throws, neither does. Once for each file; not for a replacement, whose media keeps its id.
   */
  ready?(media: Media<Data>, about: AboutReady<AppRequest, HookTransaction, Owner>): void | Promise<void>
  /**
   * Inside the transaction that removes it, before its row goes: by the app, its owner, or because it has expired. When
   * this throws, it stays.
   */
  removed?(
    media: Media<Data>,
    about: AboutRemoved<HookTransaction | CallersTransaction, Owner>,
  ): void | Promise<void>
  /**
   * Inside the transaction that brings a removed media back (docs/undo.md), once its row is there again: what the app writes by `trx`
   * appears with it. When this throws, it stays removed.
   */
  restored?(
    media: Media<Data>,
    about: AboutRestored<HookTransaction | CallersTransaction, Owner>,
  ): void | Promise<void>
  /**
   * Whether `beforeUpload` and `ready` are for this upload at all. Where they are for few, saying so spares the others their cost: they are
   * published together with others in one commit, which a transaction that an app writes to can't be.
   * @default for every upload
   */
  concerns?(
    upload: Pick<AboutUpload<AppRequest, Owner>, 'owner' | 'way' | 'request'>,
  ): boolean | Promise<boolean>
}

/** The hooks of one route, which run after those of `createTintype`. */
export type RouteHooks<AppRequest extends object = RequestOfApp, Owner = string, Data = unknown> = Omit<
  Hooks<AppRequest, Owner, Data>,
  'removed' | 'restored'
>

/**
 * How a file comes: in a form, by this app's routes or Multer; as the body of a request; straight from the browser to S3; by
 * a resumable protocol (docs/protocols.md); or from the app's own code.
 */
export type Way = 'form' | 'body' | 'direct' | 'resumable' | 'server'

/** What every hook of an upload gets to know. */
export interface AboutUpload<AppRequest extends object = RequestOfApp, Owner = string> {
  /** As `authenticate` returned it. */
  owner: Owner
  /** By which way it comes. */
  way: Way
  /**
   * The text fields of the form; before the upload, those that came before the file. Without a form, the text that came
   * beside the file.
   */
  fields: Fields
  /**
   * As `authenticate` gets it; undefined where the app's own code brings the file, and in `ready` of a resumable upload whose last bytes had
   * come before.
   */
  request: AppRequest | undefined
  /** Aborts when the client has gone, or the hook's time is over. */
  signal: AbortSignal
}

/** A file that has not come yet: what `beforeUpload` gets. */
export interface AnnouncedFile<AppRequest extends object = RequestOfApp, Owner = string>
  extends AboutUpload<AppRequest, Owner> {
  /** What the sender calls it, made harmless; empty where it has no usable name. */
  name: string
  /** The media type that the sender claims, in lower case, empty where it claims none. The bytes decide later. */
  type: string
  /**
   * Its size, for a direct upload and a file of the app's. In a form nobody announces the size of a file: then the size of
   * the rest of the request, which is a little more; undefined where that is not announced either.
   */
  bytes: number | undefined
  /** The media that gets new bytes by this upload, if that is what it is for. */
  replaces: string | undefined
  /** Of a direct or resumable upload: the id that its session will have, where nothing refuses it. */
  uploadId?: string | undefined
}

/** What a `beforeUpload` may say of a file that it takes. */
export interface UploadChoice {
  /** In place of the option `privacy`, as far as it is named. */
  privacy?: PrivacyOptions | undefined
}

/** A file that is whole, inspected and in memory: what `transform` gets. */
export interface FileInMemory<AppRequest extends object = RequestOfApp, Owner = string>
  extends AboutUpload<AppRequest, Owner> {
  /** The hook's own copy, made when it is first asked for: it may be changed and kept. Ask before the hook has ended. */
  bytes: Buffer
  /** As read off the bytes. */
  type: string
  /** Of the upright picture. */
  width: number
  /** Of the upright picture. */
  height: number
  /** What the sender calls it, made harmless. */
  name: string
  /** As the sender, or a hook before this one, has it. */
  caption: string | null
  /** The media that gets new bytes by this upload, if that is what it is for. */
  replaces: string | undefined
  /** Where it was taken, as what was sent says: it is about to be removed from the file. */
  location: Location | undefined
}

/** Where a photo or video was taken: degrees, and metres above the sea. */
export interface Location {
  /** Degrees, north is positive. */
  latitude: number
  /** Degrees, east is positive. */
  longitude: number
  /** Metres. */
  altitude?: number
}

/** Which bytes: from `start` up to and without `end`, as `Blob.slice` counts them. */
export interface ByteRange {
  /** @default 0 */
  start?: number | undefined
  /** @default the end of the file */
  end?: number | undefined
}

/** A file that is whole, inspected, stored and not visible yet: what `scan` gets. */
export interface FileToScan<AppRequest extends object = RequestOfApp, Owner = string>
  extends AboutUpload<AppRequest, Owner> {
  /**
   * The bytes, as a stream of Node's: `for await (const chunk of read())`, or `read().pipe(…)`. It may be called any number
   * of times. What comes is the chunk's own memory.
   * @throws {TypeError} for a range that is none
   */
  read(range?: ByteRange): Readable
  /** Of the file. */
  bytes: number
  /** As read off the bytes. */
  type: string
  /** As read off the bytes. */
  kind: 'image' | 'video'
  /** Of the bytes, lower-case hex. */
  sha256: string
  /** What the sender calls it, made harmless. */
  name: string
}

/** What is changed; whatever is left out, or undefined, stays as it is. */
export interface Transformed<Data = unknown> {
  /** A picture or video of any type that is taken. */
  bytes?: Uint8Array | undefined
  /** Made harmless like a sender's. */
  name?: string | undefined
  /** null for none. */
  caption?: string | null | undefined
  /** What is to be seen, in words, for those who can't see it; null for none. */
  alt?: string | null | undefined
  /** Any JSON value of at most 8 KB; null for none. */
  data?: Data | null | undefined
}

/** What `ready` gets beside the media. */
export interface AboutReady<
  AppRequest extends object = RequestOfApp,
  Trx extends HookTransaction = HookTransaction,
  Owner = string,
> extends AboutUpload<AppRequest, Owner> {
  /** The open transaction: a client of `pg`, or a database of `node:sqlite`. Good until the hook returns. */
  trx: Trx
  /** Where it was taken, as what was sent says. It is kept nowhere else, unless the option `privacy` keeps it in the file. */
  location: Location | undefined
}

/** What `restored` gets beside the media. */
export interface AboutRestored<Trx = HookTransaction | CallersTransaction, Owner = string> {
  /** The open transaction; where the app has given its own to `restore()`, that one. */
  trx: Trx
  /** The owner it belongs to. */
  owner: Owner
  /** Aborts when the hook's time is over. */
  signal: AbortSignal
}

/** What `removed` gets beside the media. */
export interface AboutRemoved<Trx = HookTransaction | CallersTransaction, Owner = string> {
  /** The open transaction; where the app has given its own to `remove()`, that one. */
  trx: Trx
  /** The owner it belonged to. */
  owner: Owner
  /** By the app or its owner, or because nothing had claimed it in time. */
  why: 'removed' | 'expired'
  /** Aborts when the hook's time is over. */
  signal: AbortSignal
}
