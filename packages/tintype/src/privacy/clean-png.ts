import { crc32, inflateSync } from 'node:zlib'
import { maxParts } from '../metadata/damaged.ts'
import type { Found } from './cleaning.ts'
import { cleanExif } from './exif/clean-exif.ts'
import { type Findings, inside } from './findings.ts'
import { kindOfName } from './names.ts'
import { redirect } from './redirect.ts'
import { bytesSayWhere } from './says-where.ts'
import { cleanXmp } from './xmp/clean-xmp.ts'

/**
 * Cleans a PNG: Exif and XMP in place, with new checksums. What is compressed can't be overwritten in place: such a chunk
 * as a whole becomes one of a private kind that says nothing, which every decoder passes over.
 */
export function cleanPng(bytes: Buffer, findings: Findings): void {
  let at = 8
  let others = 0
  for (let chunks = 0; at + 12 <= bytes.length && chunks < maxParts; chunks++) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > bytes.length) break
    if (!harmless.has(type) && ++others > mostOthers) {
      findings.unsure('It has more parts than are looked through.')
      return
    }
    cleanChunk(bytes.subarray(at, end), type, findings.at(at))
    at = end
    if (type === 'IEND') break
  }
  if (bytes.subarray(at).some((byte) => byte !== 0)) {
    findings.unsure('It has bytes of an unknown kind behind its picture.')
  }
}

/** More chunks that decoders don't need than any program writes. */
const mostOthers = 5000

/** What decoders need, and sizes, colours, times. */
const harmless = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT tIME acTL fcTL fdAT iDOT oFFs pCAL sCAL sTER vpAg'.split(
    ' ',
  ),
)
const named = new Set(['iCCP', 'sPLT', 'pCAL'])
const longestName = 80
const empty = 'noNe'

function cleanChunk(chunk: Buffer, type: string, findings: Findings): void {
  const data = chunk.subarray(8, -4)
  if (harmless.has(type)) {
    // People may name them.
    if (named.has(type) && bytesSayWhere(data.subarray(0, longestName), findings.spend))
      findings.unsure(`It says where it was in an unusual place (${type}).`)
    return
  }
  if (type === 'caBX') {
    findings.manifest(data, [{ offset: 0, bytes: emptied(chunk) }])
    return
  }
  const kind = fateOf(type, data, findings.spend)
  if (kind === 'rewrite') {
    rewrite(chunk, type, findings)
    return
  }
  const isCritical = ((chunk[4] as number) & 0x20) === 0
  if (kind && !isCritical && data.some((byte) => byte !== 0)) findings.overwrite(kind, 0, emptied(chunk))
}

/** As long as the chunk, and empty. */
function emptied(chunk: Buffer): Buffer {
  const out = Buffer.alloc(chunk.length)
  chunk.copy(out, 0, 0, 4)
  out.write(empty, 4, 'latin1')
  return withChecksum(out)
}

function withChecksum(chunk: Buffer): Buffer {
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4)
  return chunk
}

function rewrite(chunk: Buffer, type: string, findings: Findings): void {
  const out = Buffer.from(chunk)
  if (type === 'eXIf') {
    const start = chunk.toString('latin1', 8, 14) === 'Exif\0\0' ? 14 : 8
    const into = redirect(findings, {
      edit: (offset, bytes) => out.set(bytes, start + offset),
      embed: findings.embed,
    })
    cleanExif(chunk.subarray(start, -4), into)
  } else {
    const start = 8 + textOf('iTXt', chunk.subarray(8, -4), findings.spend).start
    cleanXmp(chunk.subarray(start, -4), inside(out.subarray(start), findings))
  }
  if (!out.equals(chunk)) findings.edit(0, withChecksum(out))
}

function fateOf(type: string, data: Buffer, spend: Findings['spend']): keyof Found | 'rewrite' | undefined {
  if (type === 'eXIf') return 'rewrite'
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return type === empty ? undefined : 'other'
  const { keyword, text, isCompressed, start } = textOf(type, data, spend)
  if (/^raw profile type/i.test(keyword)) return 'other'
  if (text === undefined) return 'other'
  if (keyword === 'XML:com.adobe.xmp') {
    if (type === 'iTXt' && !isCompressed) return 'rewrite'
    return 'other'
  }
  const isPlace = bytesSayWhere(text, spend) || bytesSayWhere(data.subarray(0, start), spend)
  return kindOfName(keyword) ?? (isPlace ? 'location' : undefined)
}

interface Text {
  keyword: string
  /** Nothing where it can't be read. */
  text?: Buffer
  isCompressed: boolean
  /** Where the text begins in the chunk's data. */
  start: number
}

function textOf(type: 'tEXt' | 'zTXt' | 'iTXt', data: Buffer, spend: Findings['spend']): Text {
  const end = (from: number) => {
    const at = data.indexOf(0, from)
    return at === -1 ? data.length : at
  }
  const name = end(0)
  const keyword = data.toString('latin1', 0, name)
  const isCompressed = type === 'zTXt' || (type === 'iTXt' && data[name + 1] === 1)
  const start =
    type === 'tEXt'
      ? name + 1
      : type === 'zTXt'
        ? name + 2
        : Math.min(data.length, end(end(name + 3) + 1) + 1)
  const content = data.subarray(start)
  try {
    const isTooMuch = isCompressed && !spend('inflated', 0)
    if (isTooMuch) return { keyword, isCompressed, start }
    const text = isCompressed ? inflateSync(content, { maxOutputLength: longestText }) : content
    if (isCompressed) spend('inflated', text.length)
    return { keyword, text, isCompressed, start }
  } catch {
    return { keyword, isCompressed, start }
  }
}

/** Bytes of a compressed text. */
const longestText = 256 * 1024
