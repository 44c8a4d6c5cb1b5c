import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** A stretch of a blob: from `start`, up to but without `end`. */
export interface Extent {
  blob: string
  start: number
  end: number
}

/** A blob in the making. */
export interface BlobWriter {
  /** Writes bytes; waits while the disk is behind. The writer owns them: their memory is freed once they are written. */
  write(bytes: Buffer): Promise<void> | undefined
  /** Makes the blob durable and gives its name; undefined if nothing was written. */
  finish(): Promise<string | undefined>
  /** Leaves nothing behind. Harmless after `finish`. */
  discard(): Promise<void>
}

/** Immutable files with random names. A file's name never depends on a request. */
export interface Blobs {
  create(): BlobWriter
  /** Gives `use` the bytes of the extents, one after the other. Files removed meanwhile stay until it is done. */
  read<T>(extents: Extent[], use: (bytes: AsyncGenerator<Buffer>) => Promise<T>): Promise<T>
  /** Deletes files that no row names any more, each as soon as it is not being read. */
  remove(names: Iterable<string>): Promise<void>
  /** Deletes the files that no row names: what a crash left. `namesOf` gives the named ones that start so. */
  sweep(namesOf: (start: string) => Set<string>): Promise<void>
}

/** Reading and writing go in steps of this many bytes. */
const step = 2 ** 20

/** Opens the folder, which is made if need be. */
export async function openBlobs(directory: string): Promise<Blobs> {
  await Promise.all(folders.map((folder) => mkdir(join(directory, folder), { recursive: true })))
  await syncFolder(directory)
  const readers = new Map<string, number>()
  const doomed = new Set<string>()
  const pathOf = (name: string) => join(directory, name.slice(0, 2), name)

  async function remove(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      if (readers.has(name)) doomed.add(name)
      else await unlinkIfThere(pathOf(name))
    }
  }

  function pin(name: string): void {
    readers.set(name, (readers.get(name) ?? 0) + 1)
  }

  function unpin(name: string): string[] {
    const left = (readers.get(name) ?? 1) - 1
    if (left > 0) {
      readers.set(name, left)
      return []
    }
    readers.delete(name)
    return doomed.delete(name) ? [name] : []
  }

  return {
    remove,

    create() {
      const name = randomBytes(16).toString('hex')
      return createWriter(name, pathOf(name))
    },

    async read(extents, use) {
      for (const { blob } of extents) pin(blob)
      try {
        return await use(readExtents(extents, pathOf))
      } finally {
        await remove(extents.flatMap(({ blob }) => unpin(blob)))
      }
    },

    async sweep(namesOf) {
      for (const folder of folders) {
        const files = await readdir(join(directory, folder))
        if (files.length === 0) continue
        const named = namesOf(folder)
        for (const file of files) if (!named.has(file)) await unlinkIfThere(join(directory, folder, file))
      }
    },
  }
}

const folders = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

function createWriter(name: string, path: string): BlobWriter {
  let file: FileHandle | undefined
  let pending: Buffer[] = []
  let pendingBytes = 0
  let writing: Promise<void> | undefined

  async function flush(): Promise<void> {
    if (pendingBytes === 0) return
    const batch = pending
    pending = []
    pendingBytes = 0
    file ??= await open(path, 'wx')
    await writeAll(file, batch)
    batch.forEach(free)
  }

  return {
    // One batch is being written while the next one gathers: at most two steps are in memory.
    write(bytes) {
      pending.push(bytes)
      pendingBytes += bytes.length
      if (pendingBytes < step) return undefined
      const before = writing
      const next = (before ?? Promise.resolve()).then(flush)
      next.catch(() => {})
      writing = next
      return before
    },
    async finish() {
      await writing
      await flush()
      if (file === undefined) return undefined
      await file.sync()
      await file.close()
      file = undefined
      await syncFolder(join(path, '..'))
      return name
    },
    async discard() {
      await writing?.catch(() => {})
      await file?.close()
      file = undefined
      await unlinkIfThere(path)
    },
  }
}

async function writeAll(file: FileHandle, batch: Buffer[]): Promise<void> {
  const total = batch.reduce((sum, bytes) => sum + bytes.length, 0)
  const { bytesWritten } = await file.writev(batch)
  if (bytesWritten === total) return
  const rest = Buffer.concat(batch).subarray(bytesWritten)
  await writeAll(file, [rest])
}

/**
 * V8 would let some ninety megabytes of chunks from sockets pile up before it looks for garbage. What shares its memory
 * with others is left alone.
 */
function free(bytes: Buffer): void {
  const memory = bytes.buffer as ArrayBuffer
  if (bytes.length >= smallestFreed && bytes.length === memory.byteLength) memory.transfer(0)
}

const smallestFreed = 16 * 1024

async function* readExtents(extents: Extent[], pathOf: (name: string) => string): AsyncGenerator<Buffer> {
  for (const { blob, start, end } of extents) {
    if (end > start) yield* createReadStream(pathOf(blob), { start, end: end - 1, highWaterMark: step / 4 })
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its file system writes names through by itself.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
