/** What can be said of a file before a byte of it is sent. An entry point of its own: `@tintype/client/check`. */
import { knownTypes, type Media } from '@tintype/protocol'
import type { Library } from './library.ts'
import { readAll } from './read-file.ts'
import { sha256 } from './sha256.ts'

export { isSupported } from './supported.ts'

/** Why a file would be refused. */
export interface Finding {
  /** As the server's own: docs/errors.md; `file_unreadable` where the browser can't open it. */
  code: 'empty_file' | 'file_too_large' | 'unsupported_type' | 'file_unreadable'
  /** A sentence for people. */
  message: string
  /** The number that was enforced. */
  limit?: number | undefined
}

/** What {@link check} goes by. */
export interface CheckOptions {
  /** Media types that the server takes. @default all that Tintype knows */
  accept?: readonly string[] | undefined
  /** Bytes of a picture. @default no limit */
  imageBytes?: number | undefined
  /** Bytes of a video. @default no limit */
  videoBytes?: number | undefined
}

/** What a file is by its first bytes, whatever its name says; undefined for what Tintype doesn't know. */
export async function typeByBytes(file: Blob): Promise<string | undefined> {
  const bytes = new Uint8Array(await readAll(file.slice(0, 64)))
  const text = String.fromCharCode(...bytes)
  const brands = text.slice(8, 64)
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (/^GIF8[79]a/.test(text)) return 'image/gif'
  if (/^RIFF....WEBP/s.test(text)) return 'image/webp'
  if (text.startsWith('\xff\n') || text.startsWith('\0\0\0\fJXL ')) return 'image/jxl'
  if (text.startsWith('\x1aE\xdf\xa3')) return text.includes('webm') ? 'video/webm' : 'video/matroska'
  if (text.slice(4, 8) !== 'ftyp') return /^....(moov|mdat|wide)/s.test(text) ? 'video/quicktime' : undefined
  if (/avi[fs]/.test(brands)) return 'image/avif'
  if (/hei[cxms]|hev[cx]/.test(brands)) return 'image/heic'
  if (/^mi[fs]1/.test(brands)) return 'image/heif'
  return brands.startsWith('qt  ') ? 'video/quicktime' : 'video/mp4'
}

/**
 * Looks at a file as the server will: by its bytes, not by its name. What it finds is certain; what it passes may still
 * be refused, since only the server decodes it.
 *
 * @returns undefined where nothing speaks against sending it
 * @example
 * const finding = await check(file, { imageBytes: 50_000_000 })
 * if (finding) tell(finding.message)
 */
export async function check(file: File, options: CheckOptions = {}): Promise<Finding | undefined> {
  const { accept = knownTypes, imageBytes, videoBytes } = options
  if (file.size === 0) return { code: 'empty_file', message: 'The file is empty.' }
  let type: string | undefined
  try {
    type = await typeByBytes(file)
  } catch {
    return { code: 'file_unreadable', message: 'The file can’t be read. Choose it again.' }
  }
  if (type === undefined || !accept.includes(type)) {
    const what =
      type === undefined ? 'This is no photo or video' : `Files of this kind (${type}) are not taken`
    return { code: 'unsupported_type', message: `${what}, whatever its name says.` }
  }
  const limit = type.startsWith('video/') ? videoBytes : imageBytes
  if (limit === undefined || file.size <= limit) return undefined
  const most = `${Math.floor(limit / 1_000_000)} MB`
  return { code: 'file_too_large', message: `The file is too large: at most ${most} are taken.`, limit }
}

/** How many are asked for at once. */
const batch = 20

/** Options of {@link findKnown}. */
export interface FindKnownOptions {
  /** Gives up: `findKnown` rejects with its reason. */
  signal?: AbortSignal | undefined
  /** Called with the SHA-256 of each file as it is computed: two files of one are the same. */
  onHash?: ((file: File, sha256: string) => void) | undefined
}

/**
 * Which of these files are there already, found by their SHA-256 before a byte is sent. Those that can't be read, or that
 * the server can't be asked about, count as new.
 *
 * @example
 * const known = await findKnown(files, library)
 * uploads.add(files.filter((file) => !known.has(file)))
 */
export async function findKnown<Data>(
  files: Iterable<File>,
  library: Pick<Library<Data>, 'list'>,
  { signal, onHash }: FindKnownOptions = {},
): Promise<Map<File, Media<Data>>> {
  const all = [...files]
  const known = new Map<File, Media<Data>>()
  for (let at = 0; at < all.length; at += batch) {
    const hashes = new Map<File, string>()
    for (const file of all.slice(at, at + batch)) {
      signal?.throwIfAborted()
      const hash = await sha256(file).catch(() => undefined)
      if (hash === undefined) continue
      hashes.set(file, hash)
      onHash?.(file, hash)
    }
    if (hashes.size === 0) continue
    const query = { sha256: [...new Set(hashes.values())], limit: 100, signal }
    const { media } = await library.list(query).catch(() => ({ media: [] }))
    signal?.throwIfAborted()
    for (const [file, hash] of hashes) {
      const same = media.find((one) => one.sentSha256 === hash || one.sha256 === hash)
      if (same) known.set(file, same)
    }
  }
  return known
}
