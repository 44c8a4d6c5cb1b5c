/** What a media is, by its bytes. */
export type MediaKind = 'image' | 'video'

/** Where a date was found: Exif, XMP, the index of a video, or the file's name. */
export type TakenFrom = 'exif' | 'xmp' | 'quicktime' | 'name'

/**
 * What there is in a file beside one still picture or video: a gain map (Ultra HDR), a short clip inside a photo (Motion
 * Photo), half of a Live Photo, a depth map, a panorama, or further frames of a picture that moves.
 */
export type MediaFeature = 'gain-map' | 'motion' | 'live-photo' | 'depth' | 'panorama' | 'animated'

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
  /** SHA-256 of what was sent, lower-case hex: another one than `sha256` where something was removed from it. */
  sentSha256: string
  /** What was removed from what was sent, so that it tells nobody where it was taken and with what; null: not looked at yet. */
  cleaned: Cleaned | null
  /** Pixels of the picture as browsers show the original: upright, but for a WebP that is turned by Exif alone. */
  width: number
  /** Pixels of the picture as browsers show the original: upright, but for a WebP that is turned by Exif alone. */
  height: number
  /**
   * Its variants stand at a right angle to that: a WebP that is turned by Exif, which browsers disregard. `srcset()`, `sizes()`
   * and {@link uprightSize} go by it.
   */
  turned?: true
  /** Seconds; videos only. */
  duration?: number
  /**
   * When it was taken, where the file or its name says so: RFC 3339, with the fractions of the second and the offset that the
   * camera wrote, e.g. `2024-01-31T14:25:01.12+09:00`. Without an offset where none is known: then it is what the camera's
   * clock showed. With `Z` where the instant is known, but not the offset at the place.
   */
  takenAt?: string
  /** Where `takenAt` was found. */
  takenFrom?: TakenFrom
  /** What it was taken with: `Apple iPhone 15 Pro`. */
  camera?: string
  /** As the camera calls it. */
  lens?: string
  /** What the file holds beside the picture; the original has it still. */
  features?: MediaFeature[]
  /** Of a video: its codec as RFC 6381 writes it, e.g. `avc1.64001f`, for the `codecs` of a media type. */
  codec?: string
  /** Whether browsers at large play this video, with its sound: see docs/video.md. */
  playable?: boolean
  /** Clockwise degrees by which players turn this video's frames: 90, 180 or 270. */
  rotation?: number
  /** The other half of a Live Photo: its video, or its photo, of the same owner. */
  pairId?: string
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

/** What cleaning has made of a file. Pixels, sound, colours and the file's length stay what they were. */
export interface Cleaned {
  /** It said where it was taken, and that was removed. */
  location: boolean
  /** It had serial numbers, names of people or identifiers, and they were removed. */
  identifiers: boolean
  /** It had embedded thumbnails, which show what was cropped, or blocks that nobody knows, and they were removed. */
  other: boolean
  /** What it still says, because the app's policy keeps it. */
  kept?: ('location' | 'identifiers')[]
  /** Why something private may still be in it, in a sentence. Then `original` goes to nobody but its owner. */
  unsure?: string
  /** What became of its Content Credentials (C2PA), where it has any. */
  credentials?: 'untouched' | 'invalidated'
  /**
   * Whether these held for what was sent: their signature is over these very bytes, by whatever key. Absent where they were not
   * judged: in videos, and where the server has no library for them.
   */
  signature?: 'valid' | 'invalid'
}

/** Signed URLs of a media, by variant. */
export interface MediaUrls {
  /** The stored original. For others than its owner, where `cleaned.unsure`: the largest variant; empty where there is none. */
  original: string
  /** A small picture (WebP), where there is one. */
  thumb?: string
  [variant: string]: string | undefined
}

/** A photo or video that was removed and can be had again. Its URLs are for this list, and lead nowhere after its time. */
export interface RemovedMedia<Data = unknown> extends Media<Data> {
  /** RFC 3339, UTC. */
  removedAt: string
  /** Until then `POST /media/:id/restore` brings it back. RFC 3339, UTC. */
  restorableUntil: string
}

/** Answer of `GET /media?removed=1`: the last removed first; `next` is the cursor of the following page. */
export interface RemovedPage<Data = unknown> {
  /** At most `limit` of them. */
  media: RemovedMedia<Data>[]
  /** `cursor` of the next page; null on the last one. */
  next: string | null
}

/** Answer of `DELETE /media/:id`, where what is removed can be had again. */
export interface Removed {
  /** RFC 3339, UTC. */
  restorableUntil: string
}

/** What a photo or video was before it was replaced. What people say of it (`caption`, `alt`, `data`) belongs to no version. */
export interface MediaVersion extends Omit<Media, 'caption' | 'alt' | 'data' | 'revision' | 'pairId'> {
  /** Which version it is of its media: the `revision` that the media had then. */
  version: number
  /** RFC 3339, UTC. */
  replacedAt: string
  /** Until then it can be had again. RFC 3339, UTC. */
  restorableUntil: string
}

/** Answer of `GET /media/:id/versions`: the latest first. */
export interface MediaVersions {
  versions: MediaVersion[]
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
