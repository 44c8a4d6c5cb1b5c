import { splitName } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'

/** Of a display name, in UTF-16 code units. */
const longest = 200
/** Names that Windows reserves for devices, with any extension. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i

/**
 * The display name of a file: the client's name, made harmless. It is never a path or a key.
 *
 * @param raw as the multipart header has it
 * @param ext of the type that the bytes have, for a file without a usable name
 * @throws {TintypeError} `invalid_name` for a NUL character, which no well-behaved client sends
 * @example displayName('..\\..\\boot.ini.jpg', 'jpg') // 'boot.ini.jpg'
 */
export function displayName(raw: string | undefined, ext: string): string {
  return announcedName(raw) || `photo.${ext}`
}

/** The same before the bytes have arrived: empty where there is no usable name. @throws {TintypeError} `invalid_name` */
export function announcedName(raw: string | undefined): string {
  if (raw?.includes('\0')) throw new TintypeError('invalid_name', 'The file name holds a NUL character.')
  return shownName(raw)
}

/** The same of any file, also of one that is refused for its name. */
export function shownName(raw = ''): string {
  const name = harmless(raw)
  if (/^[\s\u2800.]*$/.test(splitName(name).stem)) return ''
  return shorten(reserved.test(name) ? `_${name}` : name)
}

/** Without its path, without what can't be seen, and without what Windows drops from the end of a name. */
function harmless(raw: string): string {
  if (plain.test(raw)) return raw
  return raw
    .toWellFormed()
    .replace(controls, '')
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/s, '')
    .replace(unseen, '$1')
    .replace(/^[\s\u2800]+/, '')
    .replace(/[\s\u2800.]+$/, '')
}

/** What most cameras and people call a file: nothing of it is taken away. */
const plain = /^\w(?:[\w .()-]*[\w)-])?$/

/** Control characters, and those that turn text around: "gpj.exe" must not read as "exe.jpg". */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufff9-\ufffb]/gu

/**
 * Invisible characters. Those in `$1` stay, because they change how others look: joiners between emoji and after
 * letters of joining scripts (Arabic, those of India), variation selectors after what they vary, the tags of a flag.
 */
const unseen = new RegExp(
  `(${[
    String.raw`\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}`,
    String.raw`(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=[[\p{L}\p{M}]--[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Han}\p{DI}]])[\u200c\u200d]`,
    String.raw`(?<=[[\p{L}\p{N}\p{S}\p{M}#*]--\p{DI}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`,
    String.raw`(?<=\p{sc=Mongolian})[\u180b-\u180f]`,
  ].join('|')})|\\p{DI}`,
  'gv',
)

/** Shortens between graphemes and keeps the extension; empty if the first grapheme is too long. */
function shorten(name: string): string {
  if (name.length <= longest) return name
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? ''
  let stem = ''
  for (const { segment } of new Intl.Segmenter().segment(name.slice(0, longest * 2))) {
    if (stem.length + segment.length + extension.length > longest) break
    stem += segment
  }
  return stem && stem + extension
}
