import type { ImageFormat } from './images.ts'

const upload = (id: string) => `/uploads/${encodeURIComponent(id)}`

/** Paths by which files come; a page that only uploads loads no others. */
export const uploadRoutes = {
  media: '/media',
  uploads: '/uploads',
  upload,
  uploadParts: (id: string) => `${upload(id)}/parts`,
  uploadComplete: (id: string) => `${upload(id)}/complete`,
} as const

/** Paths below the mount point (`/api` in the ready server). */
export const routes = {
  ...uploadRoutes,
  events: '/events',
  mediaDelete: '/media/delete',
  mediaItem: (id: string) => `/media/${encodeURIComponent(id)}`,
  /** What was removed and can be had again. */
  mediaRemoved: '/media?removed=1',
  mediaRestore: (id: string) => `/media/${encodeURIComponent(id)}/restore`,
  mediaVersions: (id: string) => `/media/${encodeURIComponent(id)}/versions`,
  mediaVersionRestore: (id: string, version: number) =>
    `/media/${encodeURIComponent(id)}/versions/${version}/restore`,
  mediaVariant: (id: string, name: string) => `/media/${encodeURIComponent(id)}/${encodeURIComponent(name)}`,
  /** Without a format the browser gets the one that it takes. */
  mediaImage: (id: string, { width, format }: { width: number; format?: ImageFormat | undefined }) =>
    `/media/${encodeURIComponent(id)}/image?w=${width}${format === undefined ? '' : `&format=${format}`}`,
} as const

/** Names of form fields in `POST /media` and `PUT /media/:id`. */
export const fields = { file: 'file', caption: 'caption' } as const

/** The longest caption, in UTF-16 code units. */
export const maxCaptionLength = 2000
/** Characters of `alt`. */
export const maxAltLength = 2000
/** Bytes of `data`, as JSON. */
export const maxDataBytes = 8192

/** Media types that Tintype can take, as read off the bytes. */
export const knownTypes = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/jxl',
  'video/mp4',
  'video/quicktime',
  'video/webm',
  'video/matroska',
] as const

export type KnownType = (typeof knownTypes)[number]
