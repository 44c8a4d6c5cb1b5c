/** Paths below the mount point (`/api` in the ready server). */
export const routes = {
  media: '/media',
  mediaItem: (id: string) => `/media/${encodeURIComponent(id)}`,
  mediaVariant: (id: string, name: string) => `/media/${encodeURIComponent(id)}/${encodeURIComponent(name)}`,
  uploads: '/uploads',
  upload: (id: string) => `/uploads/${encodeURIComponent(id)}`,
  uploadParts: (id: string) => `/uploads/${encodeURIComponent(id)}/parts`,
  uploadComplete: (id: string) => `/uploads/${encodeURIComponent(id)}/complete`,
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
  'video/mp4',
  'video/quicktime',
  'video/webm',
  'video/matroska',
] as const

export type KnownType = (typeof knownTypes)[number]
