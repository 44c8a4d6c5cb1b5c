/** Small files that survive a reload. An entry point of its own: `@tintype/client/keep`. */
import type { UploadItem } from './upload-item.ts'
import type { Uploads } from './uploads-interface.ts'

/** Options of {@link keepFiles}. */
export interface KeepOptions {
  /** Bytes of one file: larger ones go on by themselves, from where they stopped. @default 8 MiB */
  fileBytes?: number | undefined
  /** Bytes of all files together. @default 200 MB */
  quota?: number | undefined
  /**
   * The person they belong to, where several use one browser: the name or id of the one who is signed in. Files that somebody else has
   * left are not queued, and wait for them. @default one person
   */
  owner?: string | undefined
}

/** What is known of a kept file; it stands beside its bytes. */
interface Kept {
  owner: string
  /** The item's id, which is its Idempotency-Key: sent twice, it is stored once. */
  id: string
  name: string
  type: string
  size: number
  lastModified: number
}

const folder = 'tintype'
const described = '.json'
/** Milliseconds after which a file that nobody has asked for again is deleted. */
const longest = 3 * 86_400_000

/**
 * Keeps a copy of each small file that waits or is on its way in the browser's own storage (OPFS), until it is done or
 * refused for good; and queues those again that an earlier page has left there. Where a browser has no such storage, or
 * no room, nothing is kept and nothing fails. Large files need none of this: they go on where they stopped.
 *
 * @returns resolves when the earlier page's files are queued, with their number
 * @example
 * const uploads = createUploads({ endpoint: '/api' })
 * void keepFiles(uploads)
 */
export async function keepFiles(
  uploads: Pick<Uploads, 'items' | 'subscribe' | 'add'>,
  { fileBytes = 8 * 1024 ** 2, quota = 200_000_000, owner = '' }: KeepOptions = {},
): Promise<number> {
  const { locks, storage } = globalThis.navigator ?? {}
  if (!locks || !storage?.getDirectory || typeof FileSystemFileHandle === 'undefined') return 0
  // Safari before 26 can't write to it from a page.
  if (!('createWritable' in FileSystemFileHandle.prototype)) return 0
  try {
    const home = await (await storage.getDirectory()).getDirectoryHandle(folder, { create: true })
    const page = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
    // As long as this page lives, no other takes its files for left over.
    void locks.request(lockOf(page), () => new Promise(() => {}))
    const found = await leftOver(home, owner)
    const own = await home.getDirectoryHandle(page, { create: true })
    follow(uploads, own, { fileBytes, quota, owner })
    uploads.add(found.map(({ file, id }) => ({ file, idempotencyKey: id })))
    return found.length
  } catch {
    return 0
  }
}

const lockOf = (page: string) => `tintype page ${page}`

/** Files of pages that are gone. They are read whole: their folders go, unless they have something of others. */
async function leftOver(
  home: FileSystemDirectoryHandle,
  owner: string,
): Promise<{ file: File; id: string }[]> {
  const { held = [] } = await navigator.locks.query()
  const open = new Set(held.map(({ name }) => name))
  const found: { file: File; id: string }[] = []
  for (const [page, entry] of await entriesOf(home)) {
    if (open.has(lockOf(page)) || entry.kind !== 'directory') continue
    const directory = entry as FileSystemDirectoryHandle
    let isOthers = false
    for (const [name, one] of await entriesOf(directory)) {
      if (!name.endsWith(described)) continue
      const kept = await readKept(directory, one).catch(() => undefined)
      if (kept?.owner === owner) found.push(kept)
      else isOthers ||= kept !== undefined
    }
    if (isOthers) continue
    await home.removeEntry(page, { recursive: true }).catch(() => {})
  }
  return found
}

async function readKept(directory: FileSystemDirectoryHandle, about: FileSystemHandle) {
  const text = await (await (about as FileSystemFileHandle).getFile()).text()
  const { id, name, type, size, lastModified, owner = '' } = JSON.parse(text) as Partial<Kept> & Kept
  const stored = await (await directory.getFileHandle(id)).getFile()
  // The page may have gone while it was written.
  if (Date.now() - stored.lastModified > longest || stored.size !== size) return undefined
  return { id, owner, file: new File([await stored.arrayBuffer()], name, { type, lastModified }) }
}

/** TypeScript doesn't know that a directory can be walked. */
async function entriesOf(directory: FileSystemDirectoryHandle): Promise<[string, FileSystemHandle][]> {
  const walk = (directory as unknown as { entries(): AsyncIterator<[string, FileSystemHandle]> }).entries()
  const all: [string, FileSystemHandle][] = []
  for (let next = await walk.next(); !next.done; next = await walk.next()) all.push(next.value)
  return all
}

/** What the server has refused for good would be refused again at each visit. */
const isWorthKeeping = ({ state, error }: UploadItem) =>
  state === 'failed' ? error?.retryable !== false : state !== 'done' && state !== 'cancelled'

function follow(
  uploads: Pick<Uploads, 'items' | 'subscribe'>,
  own: FileSystemDirectoryHandle,
  { fileBytes, quota, owner }: { fileBytes: number; quota: number; owner: string },
): void {
  /** By item its bytes, null where there is no room for it. Each is written and removed in turn. */
  const kept = new Map<string, number | null>()
  let used = 0
  let work = Promise.resolve()
  const later = (task: () => Promise<void>) => {
    work = work.then(task).catch(() => {})
  }
  const write = async (name: string, content: Blob | string) => {
    const writable = await (await own.getFileHandle(name, { create: true })).createWritable()
    await writable.write(content)
    await writable.close()
  }
  const keep = ({ id, file }: UploadItem) => {
    if (!file) return
    const { name, type, size, lastModified } = file
    const about: Kept = { owner, id, name, type, size, lastModified }
    const fits = size <= fileBytes && used + size <= quota
    kept.set(id, fits ? size : null)
    if (!fits) return
    used += size
    later(async () => {
      if (!kept.has(id)) return
      await write(id, file)
      await write(id + described, JSON.stringify(about))
    })
  }
  const forget = (id: string) => {
    const bytes = kept.get(id) ?? null
    kept.delete(id)
    if (bytes === null) return
    used -= bytes
    later(() => own.removeEntry(id + described).finally(() => own.removeEntry(id)))
  }
  const look = () => {
    const waiting = uploads.items.filter(isWorthKeeping)
    const ids = new Set(waiting.map(({ id }) => id))
    for (const id of kept.keys()) if (!ids.has(id)) forget(id)
    for (const item of waiting) if (!kept.has(item.id)) keep(item)
  }
  uploads.subscribe(look)
  look()
}
