import type { AddedFile, UploadItem } from '@tintype/client'
import { findKnown } from '@tintype/client/check'
import type { Media } from '@tintype/protocol'
import { addToAlbum } from '../albums/albums.ts'
import { isSignInDue, library } from '../api.ts'
import { count, countMedia } from '../format.ts'
import { inTime } from '../in-time.ts'
import { addNote } from './notes.ts'

/** Bytes. A larger file takes seconds to be hashed: it is sent without being looked for. */
const largestHashed = 64 * 1024 ** 2
/** Files that are looked for together, while those before them are on their way. */
const together = 8
/** Milliseconds for these. What has not been found by then counts as new, and so does the rest: nobody waits once more. */
const patience = 5000
/** One row tells these names. */
const mostNames = 5

/** Of files that have been looked for. */
const hashes = new WeakMap<File, string>()

/** Chosen files that are not sent. */
export interface LeftOut {
  /** Those that are in the gallery. */
  known: Map<AddedFile, Media>
  /** Those that were chosen twice, with the other. */
  copies: Map<AddedFile, Same>
}

/** Another file with the same bytes; with an id where it is in the queue. */
export interface Same {
  name: string
  id?: string
}

/** Some files that have been looked for. */
export interface Looked extends LeftOut {
  fresh: AddedFile[]
}

/**
 * Looks for files that are in the gallery already, or are sent by another name, by their SHA-256: some at a time, in their order.
 *
 * @param items what is being sent, or waits for its file to be chosen again
 * @param controller ends it; is aborted where the server does not answer in time, after which all else is new
 */
export async function* lookFor(
  files: readonly AddedFile[],
  items: readonly UploadItem[],
  controller: AbortController,
): AsyncGenerator<Looked> {
  const { signal } = controller
  const before = new Map<string, Same>()
  for (const { file, id, name, state } of items) {
    const hash = file && state !== 'failed' ? hashes.get(file) : undefined
    if (hash !== undefined) before.set(hash, { id, name })
  }
  for (let at = 0; at < files.length; at += together) {
    const some = files.slice(at, at + together)
    const hashed = some
      .flatMap((one) => fileOf(one) ?? [])
      .filter((file) => file.size <= largestHashed && !items.some((item) => waitsForFile(item, file)))
    const looked: Looked = { fresh: [], known: new Map(), copies: new Map() }
    const same = new Map<File, Same>()
    const onHash = (file: File, hash: string) => {
      hashes.set(file, hash)
      const other = before.get(hash)
      if (other) same.set(file, other)
      else before.set(hash, { name: file.name })
    }
    const found = await patiently(findKnown(hashed, library, { signal, onHash }), signal)
    if (signal.aborted) return
    for (const one of some) {
      const file = fileOf(one)
      const media = file && found?.get(file)
      const other = file && same.get(file)
      if (media) looked.known.set(one, media)
      else if (other) looked.copies.set(one, other)
      else looked.fresh.push(one)
    }
    yield looked
    if (found) continue
    controller.abort()
    yield { fresh: files.slice(at + together), known: new Map(), copies: new Map() }
    return
  }
}

/** Undefined where it takes too long, but for the time that signing in takes: nothing is sent before, either. */
async function patiently<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const wasDue = isSignInDue()
  try {
    return await inTime(work, patience)
  } catch (error) {
    const isLate = (error as Error).name === 'TimeoutError' && !signal.aborted
    return isLate && (wasDue || isSignInDue()) ? patiently(work, signal) : undefined
  }
}

/** As the queue finds the item for which a file is chosen again. */
const waitsForFile = ({ state, file, name, error }: UploadItem, { name: chosen }: File) =>
  name === chosen && ((state === 'paused' && !file) || error?.code === 'file_unreadable')

/**
 * Has each copy of what is in the queue go into this album with it, and takes it out of `copies`.
 *
 * @param albums by item in the queue
 * @returns copies of what has arrived, or was cancelled, while they were looked for
 */
export function takeQueued(
  copies: Map<AddedFile, Same>,
  albums: ReadonlyMap<string, Set<string>>,
  album: string | undefined,
): AddedFile[] {
  const gone: AddedFile[] = []
  for (const [file, { id }] of copies) {
    if (id === undefined) continue
    const into = albums.get(id)
    if (!into) gone.push(file)
    else if (album === undefined || into.has(album)) continue
    else into.add(album)
    copies.delete(file)
  }
  return gone
}

/** Puts what is in the gallery already into an album, and says so. @returns each once; nothing where that fails */
export async function addKnown(
  album: string,
  known: Iterable<Media>,
  onNews: (text: string, isError?: boolean) => void,
): Promise<Media[]> {
  const each = new Map([...known].map((one) => [one.id, one]))
  const media = [...each.values()]
  try {
    await addToAlbum(album, [...each.keys()])
  } catch (error) {
    onNews((error as Error).message, true)
    return []
  }
  const [were, are] = media.length === 1 ? ['was', 'is'] : ['were', 'are']
  onNews(`${countMedia(media)} ${were} in your gallery already, and ${are} in the album now.`)
  return media
}

/** Says that these are there already, in one row. @param send adds them nevertheless */
export function tellKnown(known: AddedFile[], send: (files: AddedFile[]) => void): void {
  tell(known, send, ['It is in your gallery already.', 'They are in your gallery already'])
}

/** Says that these were chosen twice, in one row. @param send adds them nevertheless */
export function tellCopies(copies: Map<AddedFile, Same>, send: (files: AddedFile[]) => void): void {
  const [first] = copies.values()
  const one = `It is the same as ${first?.name}, and is sent once.`
  tell([...copies.keys()], send, [one, 'They were chosen twice, and are sent once'])
}

function tell(
  files: AddedFile[],
  send: (files: AddedFile[]) => void,
  [one, many]: [one: string, many: string],
): void {
  if (files.length === 0) return
  const names = files.map((added) => ('name' in added ? added.name : added.file.name))
  const more = names.length - mostNames
  const some = names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const action = { label: 'Add anyway', run: () => send(files) }
  if (names.length === 1) addNote(some, one, action)
  else addNote(count(names.length, 'file'), `${many}: ${some}`, action)
}

function fileOf(added: AddedFile): File | undefined {
  if (added instanceof File) return added
  return 'file' in added ? added.file : undefined
}
