import type { Media } from './media.ts'

/**
 * Albums and share links of the ready server: docs/albums.md. The library has none. Everything here is for the owner who is signed
 * in, below the mount (`/api`), unless it says that it is for guests.
 */
const album = (id: string) => `/albums/${encodeURIComponent(id)}`

export const albumRoutes = {
  /** `GET` answers {@link Albums}; `POST` with {@link NewAlbum} answers 201 and {@link Album}. */
  albums: '/albums',
  /**
   * `GET` and `PATCH` with `{ name }` answer {@link Album}; `DELETE` 204: the photos stay, the links end.
   *
   * It is also the mount of a library that has only what is in the album: `GET …/timeline` and `GET …/media` take the same
   * parameters as those of the API, and answer in the same form (`createLibrary({ endpoint: '/api/albums/ID' }).list()`).
   */
  album,
  /** `POST` with {@link MediaIds} adds them, those that are there already, too; answers {@link Album}. */
  albumMedia: (id: string) => `${album(id)}/media`,
  /** `POST` with {@link MediaIds} takes them out of the album, and deletes nothing; answers {@link Album}. */
  albumMediaRemove: (id: string) => `${album(id)}/media/remove`,
  /** `GET` answers {@link ShareLinks}; `POST` with {@link NewShareLink} answers 201 and {@link MadeShareLink}. */
  albumLinks: (id: string) => `${album(id)}/links`,
  /** `PATCH` with {@link NarrowedShareLink} answers {@link ShareLink}, or 409 where it would widen; `DELETE` 204: it ends at once. */
  albumLink: (id: string, linkId: string) => `${album(id)}/links/${encodeURIComponent(linkId)}`,
} as const

/** Paths of the site, not below `/api`: for guests. */
export const sharedRoutes = {
  /** Where a link leads: sets a cookie and leads by 303 to {@link shared}. Opening it uses nothing up. */
  open: (token: string) => `/s/${encodeURIComponent(token)}`,
  /** The guest's page, at an address without the token. Without the cookie it is of no use. */
  shared: (linkId: string) => `/shared/${encodeURIComponent(linkId)}`,
  /** The same without JavaScript. */
  plain: (linkId: string) => `/shared/${encodeURIComponent(linkId)}/plain`,
  /**
   * The guest's API: an `endpoint` for `createLibrary()` and `createUploads()`.
   *
   * Both kinds: `GET /album` ({@link SharedAlbum}). View: `GET /timeline`, `/media`, `/media/:id`, `/media/:id/image`,
   * `/media/:id/:name`. Drop: `POST /media`, `/uploads` and `/files` with what is below them; the reads of a view link for what this
   * visit has sent within 24 hours, and `DELETE /media/:id` of the same. Nothing else is there: 404.
   *
   * 401 `unauthenticated`: no cookie, the link has to be opened again. 410 `gone`: the link has expired or was revoked, or the album is
   * gone. 403 `quota_exceeded` with `limit`: a drop link has no place for another file.
   */
  endpoint: (linkId: string) => `/shared/${encodeURIComponent(linkId)}/api`,
  /** Below {@link endpoint}. */
  album: '/album',
} as const

/** Characters of an album's name. */
export const maxAlbumName = 100
/** Ids in one request. */
export const maxAlbumIds = 1000

export interface Album {
  id: string
  name: string
  /** RFC 3339, UTC. */
  createdAt: string
  /** Photos and videos that are in it now: without what was removed, which is in it again when it is restored. */
  count: number
  /** The one that was taken last; null where the album is empty. */
  coverId: string | null
}

/** Answer of `GET /albums`: the newest first. */
export interface Albums {
  albums: Album[]
}

/** Body of `POST /albums`. */
export interface NewAlbum {
  name: string
  /** What is in it from the beginning. */
  mediaIds?: string[]
}

/** At most {@link maxAlbumIds}; one that is not the owner's is 404, and nothing is done then. */
export interface MediaIds {
  ids: string[]
}

/** `view`: its holders see the album. `drop`: they send photos and videos into it, and see what they have sent. */
export type ShareLinkKind = 'view' | 'drop'

export interface ShareLink {
  /** Names the link, and opens nothing. */
  id: string
  kind: ShareLinkKind
  /** Whether guests get the originals, too. Always false for `drop`. */
  original: boolean
  /** Whether guests see captions and descriptions. Always false for `drop`. */
  captions: boolean
  /** RFC 3339, UTC. */
  createdAt: string
  /** RFC 3339, UTC; null: never. One that has expired is listed until it is deleted. */
  expiresAt: string | null
  /** Of a drop link: how many files, and bytes together, guests may send; null: as many as the owner may. */
  maxFiles: number | null
  maxBytes: number | null
  /** What guests have sent by it. What is deleted gives no place back. */
  files: number
  bytes: number
}

/** Answer of `GET /albums/:id/links`, the newest first; without those that were revoked. */
export interface ShareLinks {
  links: ShareLink[]
}

/** Body of `POST /albums/:id/links`. */
export interface NewShareLink {
  kind: ShareLinkKind
  /** @default false */
  original?: boolean
  /** @default false */
  captions?: boolean
  /** Seconds, up to ten years. @default never */
  expiresIn?: number
  /** For `drop` alone. @default as many as the owner may */
  maxFiles?: number
  /** For `drop` alone: bytes of all originals together. @default as many as the owner may */
  maxBytes?: number
}

/** Answer of `POST /albums/:id/links`. */
export interface MadeShareLink {
  link: ShareLink
  /** To be given to guests. It is told here and never again: the server keeps only a hash of its token. */
  url: string
}

/** Body of `PATCH /albums/:id/links/:linkId`: what is left out stays. A link is only ever narrowed, so that nobody is shown more than was meant. */
export interface NarrowedShareLink {
  original?: false
  captions?: false
  /** Seconds from now: not later than it ends already. */
  expiresIn?: number
  maxFiles?: number
  maxBytes?: number
}

/** Answer of the guest's `GET /album`. */
export interface SharedAlbum {
  name: string
  kind: ShareLinkKind
  original: boolean
  captions: boolean
  /** RFC 3339, UTC; null: never. */
  expiresAt: string | null
  /** Of a view link: photos and videos in the album. Of a drop link: those that this visit has sent. */
  count: number
  /** Another one whenever these are others, or one of them was changed or replaced. It says nothing else. */
  version: string
  /** Of a drop link: how many files and bytes it still takes; null: no limit of its own. */
  room?: { files: number | null; bytes: number | null }
}

/**
 * What a guest is shown is a {@link Media} with less in it: `caption` and `alt` null unless the link has `captions`; no `camera`, `lens`,
 * `pairId` nor `takenFrom`; `data` and `cleaned` null, `revision` 1, `sentSha256` as `sha256`; `urls` without `original` (empty) unless the
 * link has `original`. What moves has nothing but its original: a video, and a picture that is `animated`, comes with it unless its file may
 * still say where it was taken.
 */
export type SharedMedia = Media
