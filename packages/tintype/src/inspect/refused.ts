import { otherType } from './other-types.ts'
import { sniff } from './sniff.ts'

/**
 * Says what a refused file seems to be and what is accepted instead, in a sentence or two for people, by its first bytes.
 *
 * @example describeRefused(Buffer.from('%PDF-1.7'), { accept })
 * // 'This is a PDF document (application/pdf). Tintype takes JPEG, PNG and WebP.'
 */
export function describeRefused(
  head: Uint8Array,
  { accept, missing }: { accept: ReadonlySet<string>; missing?: ReadonlyMap<string, string> | undefined },
): string {
  const takes = `Tintype takes ${list([...accept].map((type) => shortNames[type] ?? type))}.`
  const type = sniff(head) ?? textType(head) ?? otherType(head)
  if (!type) return `This is no type of file that is known here. ${takes}`
  const decoder = missing?.get(type)
  const why = decoder
    ? `, which this server cannot decode, because the npm package ${decoder} is not installed: save it as JPEG first`
    : ''
  return `This is ${longNames[type] ?? 'a file of another type'} (${type})${why}. ${takes}`
}

const shortNames: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/gif': 'GIF',
  'image/avif': 'AVIF',
  'image/heic': 'HEIC',
  'image/heif': 'HEIF',
  'image/jxl': 'JPEG XL',
  'video/mp4': 'MP4',
  'video/quicktime': 'MOV',
  'video/webm': 'WebM',
  'video/matroska': 'Matroska',
}

const longNames: Record<string, string> = {
  'application/gzip': 'a gzip archive',
  'application/pdf': 'a PDF document',
  'application/postscript': 'a PostScript file',
  'application/vnd.ms-asf': 'a Windows Media file',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'a PowerPoint file',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'an Excel file',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'a Word document',
  'application/x-bzip2': 'a bzip2 archive',
  'application/x-cfb': 'an old Office file',
  'application/x-elf': 'a Linux program',
  'application/x-mach-binary': 'a macOS program',
  'application/x-msdownload': 'a Windows program',
  'application/xml': 'an XML file',
  'application/x-tar': 'a tar archive',
  'application/x-xz': 'an xz archive',
  'application/zip': 'a ZIP archive',
  'application/zstd': 'a Zstandard archive',
  'application/vnd.rar': 'a RAR archive',
  'application/x-7z-compressed': 'a 7-Zip archive',
  'audio/aac': 'an AAC recording',
  'audio/aiff': 'an AIFF recording',
  'audio/amr': 'an AMR recording',
  'audio/flac': 'a FLAC recording',
  'audio/mpeg': 'an MP3 recording',
  'audio/ogg': 'an Ogg recording',
  'audio/wav': 'a WAV recording',
  'audio/x-m4a': 'an M4A recording',
  'image/avif': 'an AVIF picture',
  'image/bmp': 'a BMP picture',
  'image/gif': 'a GIF picture',
  'image/heic': 'a HEIC photo',
  'image/heif': 'a HEIF picture',
  'image/jp2': 'a JPEG 2000 picture',
  'image/jpeg': 'a JPEG picture',
  'image/jxl': 'a JPEG XL picture',
  'image/png': 'a PNG picture',
  'image/svg+xml': 'an SVG drawing',
  'image/vnd.adobe.photoshop': 'a Photoshop file',
  'image/x-adobe-dng': 'a raw picture',
  'image/x-canon-cr2': 'a Canon raw picture',
  'image/x-canon-cr3': 'a Canon raw picture',
  'image/x-fujifilm-raf': 'a Fujifilm raw picture',
  'image/x-icon': 'an icon',
  'image/x-nikon-nef': 'a Nikon raw picture',
  'image/x-olympus-orf': 'an Olympus raw picture',
  'image/x-panasonic-rw2': 'a Panasonic raw picture',
  'image/x-sony-arw': 'a Sony raw picture',
  'image/tiff': 'a TIFF picture',
  'image/webp': 'a WebP picture',
  'text/html': 'a web page',
  'text/plain': 'a text file',
  'video/matroska': 'a Matroska video',
  'video/mp4': 'an MP4 video',
  'video/mp2t': 'an MPEG transport stream',
  'video/mpeg': 'an MPEG video',
  'video/ogg': 'an Ogg video',
  'video/quicktime': 'a QuickTime video',
  'video/vnd.avi': 'an AVI video',
  'video/x-flv': 'a Flash video',
  'video/webm': 'a WebM video',
}

/** Text has no magic bytes: markup is known by its first element, the rest by having no control characters. */
function textType(head: Uint8Array): string | undefined {
  // A letter that goes on behind these bytes is left out.
  const text = new TextDecoder('utf-8').decode(head.subarray(0, 1024), { stream: head.length > 1024 })
  if (/^\s*(<\?xml[^>]*>\s*|<!--[^>]*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text))
    return 'image/svg+xml'
  if (/^\s*(<!--[^>]*-->\s*)*<(!doctype html|html|head|body|script|iframe|img)\b/i.test(text))
    return 'text/html'
  if (/^\s*<\?xml\b/.test(text)) return 'application/xml'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what makes it text
  if (text !== '' && !/^%(PDF|!PS)/.test(text) && !/[\0-\x08\x0e-\x1f\ufffd]/.test(text)) return 'text/plain'
  return undefined
}

function list(names: string[]): string {
  const last = names.at(-1) ?? 'nothing'
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last
}
