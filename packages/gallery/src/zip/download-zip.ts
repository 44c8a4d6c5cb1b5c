import type { Media } from '@tintype/protocol'
import { makeZip, predictLength } from 'client-zip'
import { library } from '../api.ts'
import { modifiedAt, uniqueNames } from './names.ts'

/** Chromium's dialog, which TypeScript doesn't know yet. */
interface SaveWindow {
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>
}

const archive = 'Photos.zip'

/**
 * Saves the originals of these as one archive, in this order. They are written as they come: to the file itself where the
 * browser can, else to its own storage on the disk, from where they are saved.
 *
 * @param onProgress from 0 to 1
 * @returns false when it was called off
 */
export async function downloadZip(
  media: readonly Media[],
  onProgress: (done: number) => void,
): Promise<boolean> {
  // First: it needs the press that led here.
  const handle = await askWhere()
  if (handle === null) return false
  const names = uniqueNames(media)
  const entries = media.map((one, n) => ({
    name: names[n] as string,
    size: one.bytes,
    lastModified: modifiedAt(one),
  }))
  const size = Number(predictLength(entries))
  const counted = countBytes(size, onProgress)
  const zip = makeZip(filesOf(media, names)).pipeThrough(counted)
  if (handle) {
    await zip.pipeTo(await handle.createWritable())
    return true
  }
  save(await toFile(zip))
  return true
}

/** @returns null when it was called off, undefined where there is no such dialog */
async function askWhere(): Promise<FileSystemFileHandle | null | undefined> {
  try {
    return await (window as SaveWindow).showSaveFilePicker?.({ suggestedName: archive })
  } catch (error) {
    if ((error as Error).name === 'AbortError') return null
    return undefined
  }
}

async function* filesOf(media: readonly Media[], names: readonly string[]) {
  for (const [n, { id, name }] of media.entries()) {
    // Asked for anew: a long archive outlives the URLs that this page has.
    const { urls, bytes, takenAt, createdAt } = await library.get(id)
    const input = await fetch(urls.original)
    if (!input.ok) throw new Error(`${name} could not be loaded (${input.status}).`)
    yield {
      name: names[n] as string,
      input,
      size: bytes,
      lastModified: modifiedAt({ createdAt, ...(takenAt ? { takenAt } : {}) }),
    }
  }
}

function countBytes(size: number, onProgress: (done: number) => void) {
  let done = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.byteLength
      onProgress(Math.min(1, done / size))
      controller.enqueue(chunk)
    },
  })
}

/** In the origin's private file system; in memory where there is none. */
async function toFile(zip: ReadableStream<Uint8Array>): Promise<Blob> {
  let handle: FileSystemFileHandle
  try {
    const folder = await navigator.storage.getDirectory()
    // What a former archive has left.
    await folder.removeEntry(archive).catch(() => {})
    handle = await folder.getFileHandle(archive, { create: true })
    if (!('createWritable' in handle)) throw new Error('Nothing can be written here.')
  } catch {
    return new Response(zip).blob()
  }
  await zip.pipeTo(await handle.createWritable())
  return handle.getFile()
}

function save(file: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = archive
  link.click()
  // Not at once: browsers begin to read it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
