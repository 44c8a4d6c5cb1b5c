/** Types by extension, for systems that don't know the type of a file, and for Node. The server goes by the bytes. */
const byExtension: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/matroska',
}

/** The media type to announce. */
export function typeOf({ name, type }: File): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return type || byExtension[extension] || 'application/octet-stream'
}
