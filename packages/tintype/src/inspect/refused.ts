import { isHeic, sniff } from './sniff.ts'

/**
 * Says what a refused file seems to be and what is taken instead, in a sentence or two for people. Only
 * refusals pay for the library that knows hundreds of types; it sees the first bytes and nothing more.
 *
 * @example await describeRefused(Buffer.from('%PDF-1.7'), accept)
 * // 'This is a PDF document (application/pdf). Tintype takes JPEG, PNG and WebP.'
 */
export async function describeRefused(head: Uint8Array, accept: ReadonlySet<string>): Promise<string> {
  const takes = `Tintype takes ${list([...accept].map((type) => shortNames[type] ?? type))}.`
  if (isHeic(head)) {
    return `This is a HEIC photo (image/heic), which is not taken here: save it as JPEG first. ${takes}`
  }
  const type = sniff(head) ?? textType(head) ?? (await binaryType(head))
  // What a library takes for a type that is taken has not that type's first bytes for us: say nothing that is wrong.
  if (!type || accept.has(type)) return `This is no type of file that is known here. ${takes}`
  return `This is ${longNames[type] ?? 'a file of another type'} (${type}). ${takes}`
}

const shortNames: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/gif': 'GIF',
  'image/avif': 'AVIF',
  'video/mp4': 'MP4',
  'video/quicktime': 'MOV',
  'video/webm': 'WebM',
  'video/matroska': 'Matroska',
}

const longNames: Record<string, string> = {
  'application/gzip': 'a gzip archive',
  'application/pdf': 'a PDF document',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'a PowerPoint file',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'an Excel file',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'a Word document',
  'application/x-cfb': 'an old Office file',
  'application/x-elf': 'a Linux program',
  'application/x-mach-binary': 'a macOS program',
  'application/x-msdownload': 'a Windows program',
  'application/xml': 'an XML file',
  'application/zip': 'a ZIP archive',
  'audio/mpeg': 'an MP3 recording',
  'image/avif': 'an AVIF picture',
  'image/bmp': 'a BMP picture',
  'image/gif': 'a GIF picture',
  'image/jp2': 'a JPEG 2000 picture',
  'image/jpeg': 'a JPEG picture',
  'image/jxl': 'a JPEG XL picture',
  'image/png': 'a PNG picture',
  'image/svg+xml': 'an SVG drawing',
  'image/tiff': 'a TIFF picture',
  'image/webp': 'a WebP picture',
  'text/html': 'a web page',
  'text/plain': 'a text file',
  'video/matroska': 'a Matroska video',
  'video/mp4': 'an MP4 video',
  'video/quicktime': 'a QuickTime video',
  'video/webm': 'a WebM video',
}

/** Text has no magic bytes: markup is known by its first element, the rest by having no control characters. */
function textType(head: Uint8Array): string | undefined {
  const text = new TextDecoder('utf-8').decode(head.subarray(0, 1024))
  if (/^\s*(<\?xml[^>]*>\s*|<!--[^>]*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text))
    return 'image/svg+xml'
  if (/^\s*(<!--[^>]*-->\s*)*<(!doctype html|html|head|body|script|iframe|img)\b/i.test(text))
    return 'text/html'
  if (/^\s*<\?xml\b/.test(text)) return 'application/xml'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what makes it text
  if (text !== '' && !text.startsWith('%PDF') && !/[\0-\x08\x0e-\x1f\ufffd]/.test(text)) return 'text/plain'
  return undefined
}

async function binaryType(head: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  try {
    return (await fileTypeFromBuffer(head))?.mime
  } catch {
    // A file that breaks off inside its own header. What it is called is a courtesy, not a decision.
    return undefined
  }
}

function list(names: string[]): string {
  const last = names.at(-1) ?? 'nothing'
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last
}
