import { createPageMemory, type RememberedUpload, type UploadMemory } from './memory.ts'
import { withTimeLimit } from './time-limit.ts'

const database = 'tintype'
const uploads = 'uploads'
/** Milliseconds. A healthy database answers in a few; a stuck one (a locked profile, a full disk) never does. */
const longestWait = 3000

/**
 * Remembers uploads in this origin's IndexedDB, which can store file handles too. What the browser refuses to store
 * (private windows of some, a full disk) is remembered as long as the page lives, and so is everything once the
 * database has failed to answer a request. No upload waits longer than that, or fails because of it.
 *
 * @param wait milliseconds
 */
export function createBrowserMemory(factory: IDBFactory, wait = longestWait): UploadMemory {
  const page = createPageMemory()
  let opened: Promise<IDBDatabase> | undefined
  let isStuck = false

  const open = async () => {
    const request = factory.open(database, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(uploads, { keyPath: 'key' })
    const db = await settled(request)
    // Another tab or the browser deletes the database: the next request opens it again.
    const release = () => {
      db.close()
      opened = undefined
    }
    db.onversionchange = release
    db.onclose = release
    return db
  }
  const ask = async (mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest) => {
    opened ??= open()
    return settled(work((await opened).transaction(uploads, mode).objectStore(uploads)))
  }
  /** @returns undefined where the database refuses or doesn't answer */
  const run = async <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest) => {
    if (isStuck) return undefined
    try {
      return (await withTimeLimit(ask(mode, work), wait)) as T
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') isStuck = true
      opened = undefined
      return undefined
    }
  }

  return {
    async list() {
      const kept = await run<RememberedUpload[]>('readonly', (store) => store.getAll())
      return [...(kept ?? []), ...(await page.list())]
    },
    async get(key) {
      return (await run<RememberedUpload>('readonly', (store) => store.get(key))) ?? page.get(key)
    },
    async set(upload) {
      const kept = await run('readwrite', (store) => store.put(upload))
      await (kept === undefined ? page.set(upload) : page.delete(upload.key))
    },
    async delete(key) {
      await run('readwrite', (store) => store.delete(key))
      await page.delete(key)
    },
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
