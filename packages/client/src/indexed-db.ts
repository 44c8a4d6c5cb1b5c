import { createPageMemory, type RememberedUpload, type UploadMemory } from './memory.ts'

const database = 'tintype'
const uploads = 'uploads'

/**
 * Remembers uploads in this origin's IndexedDB, which can keep file handles too. Where the browser refuses it
 * (private windows of some), they are remembered as long as the page lives.
 */
export function createBrowserMemory(factory: IDBFactory): UploadMemory {
  const page = createPageMemory()
  let opened: Promise<IDBDatabase> | undefined

  const open = () => {
    const request = factory.open(database, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(uploads, { keyPath: 'key' })
    return settled(request)
  }
  const run = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest,
    otherwise: () => Promise<T>,
  ): Promise<T> => {
    try {
      opened ??= open()
      return await settled(work((await opened).transaction(uploads, mode).objectStore(uploads)))
    } catch {
      return otherwise()
    }
  }

  return {
    list: () =>
      run<RememberedUpload[]>(
        'readonly',
        (store) => store.getAll(),
        () => page.list(),
      ),
    get: (key) =>
      run<RememberedUpload | undefined>(
        'readonly',
        (store) => store.get(key),
        () => page.get(key),
      ),
    set: (upload) =>
      run(
        'readwrite',
        (store) => store.put(upload),
        () => page.set(upload),
      ),
    delete: (key) =>
      run(
        'readwrite',
        (store) => store.delete(key),
        () => page.delete(key),
      ),
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
