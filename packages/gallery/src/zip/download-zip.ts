import type { Media } from '@tintype/protocol'
import { makeZip, predictLength } from 'client-zip'
import { library } from '../api.ts'
import { newArchive } from './archives.ts'
import { modifiedAt, uniqueNames } from './names.ts'

/** Chromium's dialog, which TypeScript doesn't know yet. */
interface SaveWindow {
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>
}

const archiveName = 'Photos.zip'

/**
 * Saves the originals of these as one archive, in this order. They are written as they come: to the file itself where the
 * browser can, else to its own storage on the disk, from where they are saved: that is freed a while later.
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
  const archive = await newArchive()
  try {
    if (archive) await zip.pipeTo(await archive.file.createWritable())
    const file = await (archive?.file.getFile() ?? new Response(zip).blob())
    save(file, () => archive?.remove())
  } catch (error) {
    archive?.remove()
    throw error
  }
  return true
}

/** @returns null when it was called off, undefined where there is no such dialog */
async function askWhere(): Promise<FileSystemFileHandle | null | undefined> {
  try {
    return await (window as SaveWindow).showSaveFilePicker?.({ suggestedName: archiveName })
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

/** @param onSaved it is needed no more */
function save(file: Blob, onSaved: () => void): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = archiveName
  link.click()
  // Browsers don't tell when they have read it: a minute to begin, and 10 MB a second.
  setTimeout(
    () => {
      URL.revokeObjectURL(link.href)
      onSaved()
    },
    60_000 + file.size / 10_000,
  )
}
