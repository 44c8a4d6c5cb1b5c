import type { Album, Media, SharedAlbum, ShareLink } from '@tintype/protocol'
import { TintypeError } from 'tintype/internal/errors'
import { RefusedByApp } from 'tintype/internal/hooks/refuse'
import { hashOf } from '../people/secret.ts'
import type { AlbumRow } from '../records/album-records.ts'
import type { LinkRow } from '../records/link-records.ts'

/** What is shown of rows. */
export function presentAlbum({ id, name, createdAt, count, coverId }: AlbumRow): Album {
  return { id, name, createdAt: timestamp(createdAt), count, coverId }
}

export function presentLink(link: LinkRow): ShareLink {
  return {
    id: link.id,
    kind: link.kind,
    original: link.original === 1,
    captions: link.captions === 1,
    createdAt: timestamp(link.created_at),
    expiresAt: link.expires_at === null ? null : timestamp(link.expires_at),
    maxFiles: link.max_files,
    maxBytes: link.max_bytes,
    files: link.files,
    bytes: link.bytes,
  }
}

/** @param tally of what the guest can see */
export function presentShared(link: LinkRow, tally: { count: number; version: string }): SharedAlbum {
  const { kind, original, captions, expiresAt } = presentLink(link)
  const room = { files: left(link.max_files, link.files), bytes: left(link.max_bytes, link.bytes) }
  return {
    name: link.albumName,
    kind,
    original,
    captions,
    expiresAt,
    count: tally.count,
    // How often something was changed is nobody's to know.
    version: hashOf(tally.version).slice(0, 16),
    ...(kind === 'drop' && { room }),
  }
}

function left(most: number | null, taken: number): number | null {
  return most === null ? null : Math.max(0, most - taken)
}

const timestamp = (time: number) => new Date(time).toISOString()

/** A guest is shown these and no others, so that what media carry one day stays with their owner until it is named here. */
const forGuests = [
  ...(['id', 'kind', 'type', 'bytes', 'sha256', 'width', 'height', 'turned', 'duration', 'takenAt'] as const),
  ...(['features', 'codec', 'playable', 'rotation', 'name', 'placeholder', 'createdAt'] as const),
] satisfies (keyof Media)[]

type Allowed = Pick<LinkRow, 'original' | 'captions'>

/** @param media as anybody may have it: of one that may still say where it was taken, `original` is its largest variant */
export function showGuest(media: Media, link: Allowed): Media {
  const shown = Object.fromEntries(
    forGuests.flatMap((name) => (media[name] === undefined ? [] : [[name, media[name]]])),
  ) as Pick<Media, Exclude<(typeof forGuests)[number], 'turned'>>
  const withCaptions = link.captions === 1
  return {
    ...shown,
    sentSha256: media.sha256,
    cleaned: null,
    caption: withCaptions ? media.caption : null,
    alt: withCaptions ? media.alt : null,
    data: null,
    revision: 1,
    urls: { ...media.urls, original: mayHaveOriginal(media, link) ? media.urls.original : '' },
  }
}

/**
 * Of what moves there is nothing but the original: it is shown where cleaning is certain to have left nothing private in it. See
 * decisions/0334.
 */
export function mayHaveOriginal({ kind, features, cleaned }: Media, { original }: Allowed): boolean {
  if (original === 1) return true
  const moves = kind === 'video' || features?.includes('animated') === true
  return moves && cleaned !== null && cleaned.unsure === undefined && cleaned.kept === undefined
}

/** How much their owner has, and may have, is no guest's to know; what fills a link says so by itself. */
export function refusedToGuest(error: TintypeError): TintypeError {
  if (error.code !== 'quota_exceeded' || error instanceof RefusedByApp) return error
  return new TintypeError(
    'quota_exceeded',
    'There is no room left for this where the album is: tell the person who has sent you the link, and try again later.',
  )
}
