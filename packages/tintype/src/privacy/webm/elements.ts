import { type Element, elementAt, elementsIn, ids, numberAt } from '../../metadata/ebml.ts'
import type { Found } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { readIso6709 } from '../iso6709.ts'
import { kindOfName, kindOfText } from '../names.ts'

/** RFC 8794 and RFC 9559. */
export const elementIds = {
  void: 0xec,
  checksum: 0xbf,
  chapters: 0x1043a770,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  tagBinary: 0x4485,
  edition: 0x45b9,
  chapter: 0xb6,
  chapterDisplay: 0x80,
  chapterString: 0x85,
  title: 0x7ba9,
  trackName: 0x536e,
  attachments: 0x1941a469,
  attachedFile: 0x61a7,
  mediaType: 0x4660,
  fileData: 0x465c,
  segmentFile: 0x7384,
  previousFile: 0x3c83ab,
  nextFile: 0x3e83bb,
}

/**
 * Cleans one element of the segment.
 *
 * @param bytes with its header
 * @returns whether anything of it is overwritten
 */
export function cleanElement(bytes: Buffer, findings: Findings): boolean {
  const element = elementAt(bytes, 0)
  if (!element) return false
  const own = { ...element, at: 0, end: bytes.length }
  if (element.id === elementIds.tags) return cleanChildren(bytes, own, findings, cleanTag)
  if (element.id === elementIds.attachments) return cleanChildren(bytes, own, findings, cleanAttachment)
  if (element.id === ids.info) return cleanChildren(bytes, own, findings, cleanInfo)
  if (element.id === elementIds.chapters) return cleanChildren(bytes, own, findings, cleanChapters)
  if (element.id === ids.tracks) return cleanChildren(bytes, own, findings, cleanTrack)
  if (element.id === elementIds.void && !isZero(bytes, own.start, own.end)) {
    findings.erase('other', own.start, own.end - own.start)
    return findings.removes('other')
  } else if (!harmless.has(element.id)) {
    findings.unsure(`It has data of an unknown kind (${element.id.toString(16)}).`)
  }
  return false
}

const harmless = new Set([ids.seekHead, ids.cues, elementIds.void, elementIds.checksum])

interface Placed extends Element {
  at: number
}

type Clean = (bytes: Buffer, element: Placed, findings: Findings) => boolean

/** A checksum over what has changed becomes void with it. */
function cleanChildren(bytes: Buffer, parent: Placed, findings: Findings, clean: Clean): boolean {
  let isChanged = false
  let checksum: Placed | undefined
  for (const child of childrenOf(bytes, parent)) {
    if (child.id === elementIds.checksum) checksum = child
    else if (clean(bytes, child, findings)) isChanged = true
  }
  if (isChanged && checksum) findings.edit(checksum.at, voidAs(checksum.end - checksum.at))
  return isChanged
}

function* childrenOf(bytes: Buffer, parent: Placed): Generator<Placed> {
  let at = parent.start
  for (const element of elementsIn(bytes, parent.start, parent.end)) {
    if (element.end > parent.end) return
    yield { ...element, at }
    at = element.end
  }
}

function cleanTag(bytes: Buffer, tag: Placed, findings: Findings): boolean {
  return tag.id === elementIds.tag && cleanChildren(bytes, tag, findings, cleanSimpleTag)
}

function cleanSimpleTag(bytes: Buffer, element: Placed, findings: Findings): boolean {
  if (element.id !== elementIds.simpleTag) return false
  let [name, value] = ['', '']
  let isBinary = false
  for (const { id, start, end } of childrenOf(bytes, element)) {
    if (id === elementIds.tagName) name = textAt(bytes, start, end)
    if (id === elementIds.tagString) value = textAt(bytes, start, end)
    // Of no kind that anybody knows.
    if (id === elementIds.tagBinary && end > start) isBinary = true
  }
  const position = readIso6709(value)
  if (position) findings.position(position)
  const kind = kindOfName(name) ?? kindOfText(value) ?? (isBinary ? 'other' : undefined)
  if (kind) return remove(findings, kind, element)
  return cleanChildren(bytes, element, findings, cleanSimpleTag)
}

/** Names of this file and of those before and after it, as they were on somebody's disk. */
function cleanInfo(bytes: Buffer, element: Placed, findings: Findings): boolean {
  const { id } = element
  if (id === elementIds.title) return cleanText(bytes, element, findings)
  const isName = id === elementIds.segmentFile || id === elementIds.previousFile || id === elementIds.nextFile
  return isName && remove(findings, 'identifiers', element)
}

/** Fonts stay, which subtitles need; pictures are cleaned. */
function cleanAttachment(bytes: Buffer, file: Placed, findings: Findings): boolean {
  if (file.id !== elementIds.attachedFile) return false
  let type = ''
  let data: Placed | undefined
  for (const child of childrenOf(bytes, file)) {
    if (child.id === elementIds.mediaType) type = textAt(bytes, child.start, child.end)
    if (child.id === elementIds.fileData) data = child
  }
  if (/^(font\/|application\/(x-)?(font|truetype|opentype|vnd\.ms-opentype))/.test(type)) return false
  if (!data || !/^image\/(jpeg|png|webp|gif)$/.test(type)) return remove(findings, 'other', file)
  findings.embed({ type, offset: data.start, length: data.end - data.start })
  return findings.removes('other')
}

/** A text that people write: a title, the name of a track. What nobody needs to play goes where it has coordinates. */
function cleanText(bytes: Buffer, text: Placed, findings: Findings): boolean {
  const kind = kindOfText(textAt(bytes, text.start, text.end))
  return kind !== undefined && remove(findings, kind, text)
}

/** What a chapter is called, in each language. Chapters may be inside of others. */
function cleanChapters(bytes: Buffer, element: Placed, findings: Findings): boolean {
  const { id } = element
  if (id === elementIds.edition || id === elementIds.chapter)
    return cleanChildren(bytes, element, findings, cleanChapters)
  if (id !== elementIds.chapterDisplay) return false
  for (const { id, start, end } of childrenOf(bytes, element)) {
    const kind = id === elementIds.chapterString ? kindOfText(textAt(bytes, start, end)) : undefined
    if (kind) return remove(findings, kind, element)
  }
  return false
}

function cleanTrack(bytes: Buffer, entry: Placed, findings: Findings): boolean {
  return entry.id === ids.trackEntry && cleanChildren(bytes, entry, findings, cleanTrackField)
}

/** Pictures, sound and subtitles are what people see and hear. */
function cleanTrackField(bytes: Buffer, field: Placed, findings: Findings): boolean {
  const { id, start, end } = field
  if (id === elementIds.trackName) return cleanText(bytes, field, findings)
  if (id === ids.codecId && bytes.toString('latin1', start, end).startsWith('S_TEXT'))
    findings.unsure('It has subtitles, into which drones write positions.')
  if (id === ids.trackType && ![1, 2, 3, 16, 17, 18].includes(numberAt(bytes, start, end)))
    findings.unsure('It has a track of an unknown kind, which may hold positions or serial numbers.')
  return false
}

function remove(findings: Findings, kind: keyof Found, { at, end }: Placed): boolean {
  findings.overwrite(kind, at, voidAs(end - at))
  return findings.removes(kind)
}

/** An element that readers pass over, of two bytes or more with its header. */
export function voidAs(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes[0] = elementIds.void
  if (length < 9) {
    bytes[1] = 0x80 | (length - 2)
  } else {
    bytes.writeBigUInt64BE((1n << 56n) | BigInt(length - 9), 1)
  }
  return bytes
}

/** Where the `SeekHead` says that other elements are, in the file. */
export function seekTargets(bytes: Buffer, segmentStart: number): number[] {
  const head = elementAt(bytes, 0)
  const targets: number[] = []
  if (!head) return targets
  for (const seek of childrenOf(bytes, { ...head, at: 0, end: bytes.length })) {
    for (const { id, start, end } of childrenOf(bytes, seek)) {
      if (id === ids.seekPosition) targets.push(segmentStart + numberAt(bytes, start, end))
    }
  }
  return targets.slice(0, 100)
}

export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false
  return true
}

function textAt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, Math.min(end, start + 1000)).replace(/\0.*$/s, '')
}
