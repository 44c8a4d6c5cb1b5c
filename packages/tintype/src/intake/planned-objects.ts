/** From what was examined to what is stored, and to the rows that say so. */
import type { Keys } from '../bucket/keys.ts'
import type { Details } from '../inspect/details/details.ts'
import { keepDetails } from '../inspect/details/kept-details.ts'
import type { Sound } from '../inspect/verdict.ts'
import type { PublishedMedia } from '../records/ledger-types.ts'
import type { MediaRow } from '../records/schema.ts'
import type { CleanedFile, NewObject, StoredObject } from './files.ts'

/** An object, and the key under which it is to be stored. */
export interface Plan extends NewObject {
  key: string
}

/** A file whose objects have keys: those that are to be stored, and those that were stored before. */
export interface PlannedFile {
  examined: CleanedFile
  plans: Plan[]
  stored: StoredObject | undefined
}

export function plan(
  examined: CleanedFile,
  { makeKey, makeFolder }: Pick<Keys, 'makeKey' | 'makeFolder'>,
): PlannedFile {
  const [original, ...variants] = examined.objects
  const fresh = 'bytes' in original ? [original, ...variants] : variants
  // Never that of an original which is stored: completing it is repeatable, and no key is used twice.
  const folder = makeFolder()
  return {
    examined,
    plans: fresh.map((object) => ({ ...object, key: makeKey(object.name, object.ext, folder) })),
    stored: 'bytes' in original ? undefined : original,
  }
}

/**
 * The columns of a media row that its bytes and its name decide.
 *
 * @param at when the media was made, and the time now, which is later where it gets other bytes
 */
export function columnsOf(
  { verdict, name, objects: [original], placeholder, cleaning }: CleanedFile,
  at: { createdAt: number; now: number },
) {
  return {
    ...keepDetails({ details: detailsOf(verdict), name }, at),
    kind: verdict.kind,
    type: verdict.type,
    bytes: original.size,
    sha256: original.sha256,
    width: verdict.width,
    height: verdict.height,
    duration: verdict.duration ?? null,
    name,
    placeholder,
    sent_sha256: cleaning.sentSha256 === original.sha256 ? null : cleaning.sentSha256,
    cleaned: JSON.stringify(cleaning.cleaned),
  }
}

/** Of a picture of several frames, the original alone moves: pages have to know that. Those of a HEIC no browser shows. */
function detailsOf({ kind, type, frames, isShownAsStored, details }: Sound): Details | undefined {
  const all = isShownAsStored ? { ...details, turned: true as const } : details
  if (kind !== 'image' || frames === 1 || /^image\/hei/.test(type)) return all
  return { ...all, features: [...(all?.features ?? []), 'animated'] }
}

/** @param dueAt when the keys that were reserved now are due on the sweep list */
export function toPublished(
  media: Omit<MediaRow, 'key' | 'writable_until'>,
  { plans, stored }: PlannedFile,
  dueAt: number,
): PublishedMedia {
  const [original, ...variants] = stored ? [stored, ...plans] : plans
  const written = plans.map(({ key }) => ({ key, dueAt }))
  return {
    media: {
      ...media,
      key: (original as { key: string }).key,
      writable_until: stored?.writableUntil ?? null,
    },
    variants: variants.map(({ name, key, type, size, width, height, recipe }) => ({
      media_id: media.id,
      name,
      key,
      type,
      bytes: size,
      width,
      height,
      ...(recipe === undefined ? {} : { recipe }),
    })),
    pending: stored ? [{ key: stored.key, dueAt: stored.dueAt }, ...written] : written,
  }
}
