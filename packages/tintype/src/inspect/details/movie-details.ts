import { type Box, boxesIn } from '../../metadata/boxes.ts'
import { Damaged } from '../../metadata/damaged.ts'
import { cameraName, cleanText, longestText } from './clean-text.ts'
import type { Details } from './details.ts'
import { type Found, found, merge } from './found.ts'
import { writtenTime } from './time-text.ts'

/**
 * When and with what a video was made, by the index of an MP4 or QuickTime file. Apple's phones write the time with its
 * offset among the keys, and the same as UTC into the header; others write one of both, or the header in local time.
 *
 * @param moov the box, with its header
 */
export function readMovieDetails(moov: Buffer): Details {
  try {
    const content = { start: moov.readUInt32BE(0) === 1 ? 16 : 8, end: moov.length }
    return merge(placesIn(moov, content))
  } catch (error) {
    // They are in none of the boxes that tell whether the video is whole.
    if (error instanceof Damaged || error instanceof RangeError) return {}
    throw error
  }
}

function placesIn(moov: Buffer, content: Range): Found[] {
  const inside = [...boxesIn(moov, content, 'lenient')]
  const userData = inside.filter(({ type }) => type === 'udta')
  const metas = [content, ...userData].flatMap((parent) =>
    [...boxesIn(moov, parent, 'lenient')].filter(({ type }) => type === 'meta'),
  )
  const header = inside.find(({ type }) => type === 'mvhd')
  return [
    ...metas.map((meta) => toFound(keysIn(moov, meta), appleNames)),
    ...userData.map((box) => toFound(textsIn(moov, box), shortNames)),
    ...metas.map((meta) => toFound(itemsIn(moov, meta), shortNames)),
    ...(header ? [{ taken: found(timeOfHeader(moov, header), 'quicktime') }] : []),
  ]
}

interface Range {
  start: number
  end: number
}

type Texts = Map<string, string>

interface Names {
  time: string[]
  make: string[]
  model: string[]
  lens: string[]
  contentId: string[]
}

const appleNames: Names = {
  time: ['com.apple.quicktime.creationdate'],
  make: ['com.apple.quicktime.make', 'com.android.manufacturer'],
  model: ['com.apple.quicktime.model', 'com.android.model'],
  lens: ['com.apple.quicktime.camera.lens_model'],
  contentId: ['com.apple.quicktime.content.identifier'],
}
/** QuickTime's names of user data, which begin with a copyright sign in MacRoman and Latin-1. */
const shortNames: Names = {
  time: ['\xa9day', 'date'],
  make: ['\xa9mak'],
  model: ['\xa9mod'],
  lens: [],
  contentId: [],
}

function toFound(texts: Texts, names: Names): Found {
  const first = (all: string[]) => all.map((name) => texts.get(name)).find((text) => text !== undefined)
  const contentId = cleanText(first(names.contentId))
  return {
    taken: found(writtenTime(first(names.time)), 'quicktime'),
    camera: cameraName(first(names.make), first(names.model)),
    lens: cleanText(first(names.lens)),
    contentId,
    features: contentId === undefined ? undefined : ['live-photo'],
  }
}

/** Bytes of a text that are read. */
const longestValue = 4 * longestText

/** Names and values of QuickTime's metadata: the names are numbered from 1, the values have these numbers as types. */
function keysIn(moov: Buffer, meta: Box): Texts {
  const content = childrenOf(moov, meta)
  const keys = findLenient(moov, 'keys', content)
  const list = keys && findLenient(moov, 'ilst', content)
  if (!list) return new Map()
  const names = [...boxesIn(moov, { start: keys.start + 8, end: keys.end }, 'lenient')].map(
    ({ start, end }) => moov.toString('latin1', start, Math.min(end, start + longestValue)),
  )
  const texts: Texts = new Map()
  for (const value of boxesIn(moov, list, 'lenient')) {
    const name = names[Buffer.from(value.type, 'latin1').readUInt32BE() - 1]
    const text = name === undefined ? undefined : dataIn(moov, value)
    if (name !== undefined && text !== undefined && !texts.has(name)) texts.set(name, text)
  }
  return texts
}

/** Values whose types are names, as iTunes has them. */
function itemsIn(moov: Buffer, meta: Box): Texts {
  const list = findLenient(moov, 'ilst', childrenOf(moov, meta))
  const items = list ? [...boxesIn(moov, list, 'lenient')] : []
  return new Map(items.flatMap((item) => pair(item.type, dataIn(moov, item))))
}

/** Texts right inside of the user data: each with its length, its language, and perhaps others behind it; a date is bare. */
function textsIn(moov: Buffer, userData: Box): Texts {
  return new Map(
    [...boxesIn(moov, userData, 'lenient')].flatMap(({ type, start, end }) => {
      if (type === 'date') return pair(type, textAt(moov, start, end))
      if (!type.startsWith('\xa9')) return []
      if (start + 4 > end) return []
      const length = Math.min(moov.readUInt16BE(start), end - start - 4)
      return pair(type, textAt(moov, start + 4, start + 4 + length))
    }),
  )
}

const pair = (name: string, text: string | undefined): [string, string][] =>
  text === undefined ? [] : [[name, text]]

/** Of the `data` box of a value: four bytes of type, four of locale, the text. */
function dataIn(moov: Buffer, value: Box): string | undefined {
  const data = findLenient(moov, 'data', value)
  return data && data.start + 8 <= data.end ? textAt(moov, data.start + 8, data.end) : undefined
}

function textAt(moov: Buffer, start: number, end: number): string {
  return moov.toString('utf8', start, Math.min(end, start + longestValue)).replace(/\0.*$/s, '')
}

/** QuickTime's `meta` has its children at once; that of ISO/IEC 14496-12 has a version before them. */
function childrenOf(moov: Buffer, { start, end }: Box): Range {
  const isQuickTime = moov.toString('latin1', start + 4, start + 8) === 'hdlr'
  return { start: isQuickTime ? start : start + 4, end }
}

function findLenient(moov: Buffer, type: string, within: Range): Box | undefined {
  for (const box of boxesIn(moov, within, 'lenient')) if (box.type === type) return box
  return undefined
}

/** Seconds from the beginning of 1904, from which QuickTime counts, to that of 1970. */
const to1970 = 2_082_844_800
/** No phone or camera wrote such a file before. */
const firstFiles = Date.UTC(1990, 0, 1) / 1000

/** UTC, as the standard has it: no offset is known. Some cameras count from 1970. */
function timeOfHeader(moov: Buffer, { start }: Box): string | undefined {
  const isLong = moov.readUInt8(start) === 1
  const since1904 = isLong ? Number(moov.readBigUInt64BE(start + 4)) : moov.readUInt32BE(start + 4)
  const seconds = since1904 < to1970 ? since1904 : since1904 - to1970
  const isTime = seconds >= firstFiles && seconds < 253_402_300_800
  return isTime ? `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` : undefined
}
