/** A direct upload that has begun: what is needed to go on with it after a reload or a crash. Plain data. */
export interface RememberedUpload {
  /** {@link fileKey} of the file. */
  key: string
  /** Where the API is mounted. */
  endpoint: string
  /** The server's id of the upload. */
  session: string
  /** Name of the file. */
  name: string
  /** Bytes. */
  size: number
  /** Media type that was announced. */
  type: string
  /** Milliseconds since 1970. */
  lastModified: number
  /** SHA-256 over the first and last 64 KiB: another file that looks alike is found out early. */
  edges: string
  /** SHA-256 of the whole file, where it goes by one PUT. */
  sha256?: string | undefined
  /** Caption that the media gets. */
  caption?: string | undefined
  /** Milliseconds since 1970: the server forgets it then. */
  expiresAt: number
  /** The user paused it: it goes on only when told to. */
  paused?: boolean | undefined
  /** Path of the file, in programs that know it. */
  path?: string | undefined
  /** Chromium: leads to the file again after a reload. */
  handle?: FileSystemFileHandle | undefined
}

/**
 * Remembers unfinished uploads. By default IndexedDB in browsers; elsewhere bring your own. Its content is a hint and
 * not trusted: a part is skipped only when its checksum matches the file.
 */
export interface UploadMemory {
  /** All remembered uploads. */
  list(): Promise<RememberedUpload[]>
  /** The upload with this key, if it is remembered. */
  get(key: string): Promise<RememberedUpload | undefined>
  /** Adds the upload, or replaces the one with the same key. */
  set(upload: RememberedUpload): Promise<void>
  /** Forgets the upload with this key, if there is one. */
  delete(key: string): Promise<void>
}

/** Lasts as long as this page or process. */
export function createPageMemory(): UploadMemory {
  const uploads = new Map<string, RememberedUpload>()
  return {
    list: async () => [...uploads.values()],
    get: async (key) => uploads.get(key),
    set: async (upload) => void uploads.set(upload.key, upload),
    delete: async (key) => void uploads.delete(key),
  }
}

const edge = 64 * 1024

/** Identifies a file at an endpoint by name, size, time and type: a changed file has another key. */
export function fileKey(endpoint: string, { name, size, lastModified, type }: File): string {
  return JSON.stringify([endpoint, name, size, lastModified, type])
}

/** The first and last 64 KiB: enough to tell most files apart without reading all of them. */
export function edgesOf(file: Blob): Blob {
  return new Blob([file.slice(0, edge), file.slice(Math.max(edge, file.size - edge))])
}

/** The lock that a page holds while it sends the file of this key. */
export const lockName = (key: string) => `tintype ${key}`
