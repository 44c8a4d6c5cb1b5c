import { constants } from 'node:fs'
import { type FileHandle, open as openFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { TintypeError } from '../../errors.ts'
import type { ChunkMemory } from '../../memory/chunk-memory.ts'
import { ConfigError } from '../../settings/error.ts'
import { wrongKind } from '../../settings/shown.ts'
import { nameFromMulter } from './multer-name.ts'

/**
 * A file that the app has already: bytes, a `Blob` or `File`, a stream of Node or of the Web, an async iterable of
 * bytes, the path of a file on this machine, or Multer's file object. `undefined` is what Multer leaves where no file
 * was sent: it is refused with `no_file`.
 */
export type MediaSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | WebStream<Uint8Array>
  | { path: string }
  | MulterFile
  | undefined

/** What is read of the file object that Multer's own storages make, in memory or on the disk. */
export interface MulterFile {
  /** What the sender calls it. */
  originalname: string
  /** What its sender claims that it is. */
  mimetype?: string
  /** All of it, where it is in memory. */
  buffer?: Uint8Array
  /** Where it is on the disk. It stays there. */
  path?: string
  /** Where it is still to be read. */
  stream?: AsyncIterable<Uint8Array>
}

/** A file of the app's, before a byte of it is read. */
export type Source = HeldSource | StreamedSource

/** In memory: its bytes are used where they lie. */
export interface HeldSource {
  bytes: Buffer
  rawName: string | undefined
  /** Media type that it claims to be. */
  type?: string | undefined
}

export interface StreamedSource {
  /** Where the source says it: what comes has to be as long. */
  size: number | undefined
  /** Bytes at the most, where that much is known. */
  most?: number | undefined
  rawName: string | undefined
  /** Media type that it claims to be. */
  type?: string | undefined
  /** Called once at the most. */
  open(): Readable
  /** Frees the chunks of what was opened, where nobody else can see them. */
  chunks?(body: Readable): ChunkMemory
  /** Ends what is open, whether it was read to its end, in part, or not at all. */
  close(): void
  /** It ended before its end. @default what its stream says */
  brokenOff?(): TintypeError
  /** It was read to its end. @throws {TintypeError} where that was not the file's */
  demandWhole?(): void
}

/**
 * Finds out what a source is. Of a path, the file is opened.
 *
 * @param name instead of the source's own
 * @throws {ConfigError} for what is no source
 * @throws {TintypeError} `no_file`, `source_failed`
 */
export async function sourceOf(given: MediaSource, name: string | undefined): Promise<Source> {
  if (given === undefined || given === null)
    throw new TintypeError('no_file', 'There is no file. Choose one.')
  const held = bytesOf(given)
  if (held) return { bytes: held, rawName: name }
  if (given instanceof Blob) return fromBlob(given, name)
  if (isStream(given)) return fromStream(given, name)
  if (isObject(given)) {
    const { buffer, path, stream, originalname, mimetype } = given as Partial<MulterFile>
    const rawName = name ?? (typeof originalname === 'string' ? nameFromMulter(originalname) : undefined)
    const type = typeof mimetype === 'string' ? mimetype : undefined
    const inMemory = bytesOf(buffer)
    if (inMemory) return { bytes: inMemory, rawName, type }
    if (typeof path === 'string' && path !== '')
      return { ...(await fromPath(path, rawName ?? basename(path))), type }
    if (isStream(stream)) return { ...fromStream(stream, rawName), type }
  }
  if (isObject(given) && 'media' in given)
    throw new ConfigError('This file is media already, by tintype.storage(): it is its member media.')
  throw wrongKind('The file', given, right)
}

const right =
  'a Uint8Array, a Blob, a stream, an async iterable of bytes, { path }, or a file of Multer’s memory or disk storage'

/** The same memory, not a copy. */
function bytesOf(given: unknown): Buffer | undefined {
  if (Buffer.isBuffer(given)) return given
  if (ArrayBuffer.isView(given)) return Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  return given instanceof ArrayBuffer ? Buffer.from(given) : undefined
}

function fromBlob(blob: Blob, name: string | undefined): StreamedSource {
  const ownName = 'name' in blob && typeof blob.name === 'string' ? blob.name : undefined
  return {
    size: blob.size,
    rawName: name ?? ownName,
    type: blob.type,
    ...closing(() => Readable.fromWeb(blob.stream() as WebStream<Uint8Array>)),
  }
}

async function fromPath(path: string, rawName: string): Promise<StreamedSource> {
  let file: FileHandle | undefined
  try {
    // A named pipe would else be waited for.
    file = await openFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error('It is not a regular file.')
    const handle = file
    const { open, close } = closing(() => handle.createReadStream({ highWaterMark: readAtOnce }))
    let isOpen = false
    return {
      size: stat.size,
      rawName,
      open() {
        isOpen = true
        return open()
      },
      close: () => (isOpen ? close() : void handle.close().catch(() => {})),
    }
  } catch (cause) {
    await file?.close()
    // The path is in the cause: it is not for the clients that the app may show this to.
    throw sourceFailed('The file can not be read.', cause)
  }
}

/** Bytes. */
const readAtOnce = 256 * 1024

type Stream = AsyncIterable<unknown> | WebStream<unknown>

function isStream(given: unknown): given is Stream {
  return isObject(given) && (Symbol.asyncIterator in given || 'getReader' in given)
}

function fromStream(given: Stream, rawName: string | undefined): StreamedSource {
  const source = { size: undefined, rawName }
  if (given instanceof Readable) {
    if (given.readableEnded) throw sourceFailed('The stream has been read already.')
    return { ...source, open: () => given, close: () => void given.destroy() }
  }
  if (!('getReader' in given)) return { ...source, ...closing(() => Readable.from(given)) }
  if (given.locked) throw sourceFailed('The stream is being read elsewhere.')
  return { ...source, ...closing(() => Readable.fromWeb(given)) }
}

/**
 * Does what reads a stream, and closes it in the end, also where it was refused unread. Meanwhile somebody listens: a stream of
 * Node fails when it likes, such as while the app's quotas are asked for, and an error that nobody listens for ends the
 * process.
 */
export async function closingAfter<T>(given: MediaSource, work: () => Promise<T>): Promise<T> {
  const within = isObject(given) && 'stream' in given ? given.stream : given
  const stream = within instanceof Readable ? within : undefined
  stream?.on('error', () => {})
  try {
    return await work()
  } finally {
    stream?.destroy()
  }
}

/** Even what is never read is opened to be closed: that is what tells its other end. */
function closing(make: () => Readable): Pick<StreamedSource, 'open' | 'close'> {
  let body: Readable | undefined
  const open = () => {
    body ??= make()
    return body
  }
  return {
    open,
    close() {
      open()
        .on('error', () => {})
        .destroy()
    },
  }
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null
}

export function sourceFailed(message: string, cause?: unknown): TintypeError {
  return new TintypeError('source_failed', message, { cause })
}
