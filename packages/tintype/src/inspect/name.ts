import { TintypeError } from '../errors.ts'

/** Of a display name, in UTF-16 code units. */
const longest = 200
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/**
 * What a file is called in the gallery and when it is saved: the sender's name, made harmless. It is never a
 * path or a key. Emoji and combining characters stay as they were sent.
 *
 * @param raw as the multipart header has it
 * @param ext of the type that the bytes have, for a file without a usable name
 * @throws {TintypeError} `invalid_name` for a NUL character, which no honest client sends
 * @example displayName('..\\..\\boot.ini.jpg', 'jpg') // 'boot.ini.jpg'
 */
export function displayName(raw: string | undefined, ext: string): string {
  if (raw?.includes('\0')) throw new TintypeError('invalid_name', 'The file name holds a NUL character.')
  const name = (raw ?? '')
    .toWellFormed()
    // Control characters, and those that turn text around: "gpj.exe" must not read as "exe.jpg".
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, '')
    .replace(/^.*[/\\]/s, '')
    .trim()
  if (name === '' || /^\.+$/.test(name)) return `photo.${ext}`
  return shorten(reserved.test(name) ? `_${name}` : name, ext)
}

/** Cuts between characters as people see them, and keeps the extension. A single character may be too long, too. */
function shorten(name: string, ext: string): string {
  if (name.length <= longest) return name
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? ''
  let stem = ''
  for (const { segment } of new Intl.Segmenter().segment(name.slice(0, longest * 2))) {
    if (stem.length + segment.length + extension.length > longest) break
    stem += segment
  }
  return stem === '' ? `photo${extension || `.${ext}`}` : stem + extension
}
