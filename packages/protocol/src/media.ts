/** What a media is, by its bytes. */
export type MediaKind = 'image' | 'video'

/** A photo or video that is whole, inspected and visible. `Data` is what the app keeps with it. */
export interface Media<Data = unknown> {
  /** 128 random bits, base64url, 22 characters. */
  id: string
  /** By the bytes. */
  kind: MediaKind
  /** Media type read off the bytes, e.g. `image/jpeg`. */
  type: string
  /** Size of the stored original in bytes. */
  bytes: number
  /** SHA-256 of the stored original, lower-case hex. */
  sha256: string
  /** Pixels of the upright picture. */
  width: number
  /** Pixels of the upright picture. */
  height: number
  /** Seconds; videos only. */
  duration?: number
  /** The display name: what the sender called it, cleaned. Never a path. */
  name: string
  /** The text that the uploader or the app gave it. */
  caption: string | null
  /** What it shows, for those who don't see it. */
  alt: string | null
  /** What the app keeps with it, as JSON of at most 8 KB. */
  data: Data | null
  /** Raised by every change of the above, beginning with 1: `If-Match: "3"` changes it only if nobody else has. */
  revision: number
  /** A tiny preview as a `data:` URL, or null where there is none. */
  placeholder: string | null
  /** RFC 3339, UTC. */
  createdAt: string
  /** Signed URLs, good for a while and stable inside a time window. */
  urls: MediaUrls
}

/** Signed URLs of a media, by variant. */
export interface MediaUrls {
  /** The stored original. */
  original: string
  /** A small picture (WebP), where there is one. */
  thumb?: string
  [variant: string]: string | undefined
}

/** Answer of `POST /media`. */
export interface UploadedMedia {
  media: Media[]
}

/** Answer of `GET /media`: newest first; `next` is the cursor of the following page. */
export interface MediaPage<Data = unknown> {
  /** At most `limit` of them. */
  media: Media<Data>[]
  /** `cursor` of the next page; null on the last one. */
  next: string | null
}
