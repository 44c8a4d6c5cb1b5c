/** A direct upload that has begun: what is needed to go on with it after a reload or a crash. Plain data. */
export interface RememberedUpload {
  /** {@link fileKey} of the file. */
  key: string
  endpoint: string
  /** The server's id of the upload. */
  session: string
  name: string
  /** Bytes. */
  size: number
  type: string
  /** Milliseconds since 1970. */
  lastModified: number
  /** SHA-256 over the first and last 64 KiB: another file that looks alike is found out early. */
  edges: string
  /** SHA-256 of the whole file, where it goes by one PUT. */
  sha256?: string | undefined
  caption?: string | undefined
  /** Milliseconds since 1970: the server forgets it then. */
  expiresAt: number
  /** Whether somebody paused it: it goes on only when told to. */
  paused?: boolean | undefined
  /** Where the file lies, for programs that know. */
  path?: string | undefined
  /** Chromium: leads to the file again after a reload. */
  handle?: FileSystemFileHandle | undefined
}

/**
 * Where uploads are remembered. In browsers IndexedDB by default; bring one of your own elsewhere. What it holds
 * is a help, never trusted: parts are skipped only when their checksum is that of the file.
 */
export interface UploadMemory {
  list(): Promise<RememberedUpload[]>
  get(key: string): Promise<RememberedUpload | undefined>
  set(upload: RememberedUpload): Promise<void>
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

/** Names a file at an endpoint by what the system says of it: a file that was changed has another key. */
export function fileKey(endpoint: string, { name, size, lastModified, type }: File): string {
  return JSON.stringify([endpoint, name, size, lastModified, type])
}

/** The bytes that tell most about a file. */
export function edgesOf(file: Blob): Blob {
  return new Blob([file.slice(0, edge), file.slice(Math.max(edge, file.size - edge))])
}

/** The lock that a page holds while it sends the file of this key. */
export const lockName = (key: string) => `tintype ${key}`
