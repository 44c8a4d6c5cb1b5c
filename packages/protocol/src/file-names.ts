import type { KnownType } from './routes.ts'

/** Extensions of each type, the usual one first. */
const extensions: Record<KnownType, readonly string[]> = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif', 'pjpeg', 'pjp'],
  'image/png': ['png', 'apng'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'image/avif': ['avif', 'avifs'],
  'image/heic': ['heic', 'heif', 'hif', 'heics'],
  'image/heif': ['heif', 'heic', 'hif', 'heifs'],
  'image/jxl': ['jxl'],
  'video/mp4': ['mp4', 'm4v', 'mp4v'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
  'video/matroska': ['mkv'],
}
/** Extensions of pictures and videos of any kind: they are replaced once the type is known by the bytes. */
const ofMedia = new Set([
  ...Object.values(extensions).flat(),
  ...['bmp', 'tif', 'tiff', '3gp', '3gpp', '3g2', 'avi', 'mpg', 'mpeg'],
])

/**
 * The name for saving: the same, with the extension of the actual type. Phones call a JPEG `.HEIC`, and a saved
 * `page.html` would be opened as a page.
 *
 * @example savedName('IMG_1.HEIC', 'image/jpeg') // 'IMG_1.jpg'
 */
export function savedName(name: string, type: string): string {
  const [usual = 'bin', ...others] = extensions[type as KnownType] ?? [type.slice(type.indexOf('/') + 1)]
  const { stem, extension } = splitName(name)
  if ([usual, ...others].includes(extension)) return name
  return `${extension === '' ? name : stem}.${usual}`
}

/** @returns an `extension` in lower case, without its dot; empty where it is none of a picture or video, and then part of `stem` */
export function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  const extension = dot === -1 ? '' : name.slice(dot + 1).toLowerCase()
  return ofMedia.has(extension) ? { stem: name.slice(0, dot), extension } : { stem: name, extension: '' }
}
