import type { MediaFeature } from '@tintype/protocol'
import { hasPrefix, jpegSegments, markers, prefixes } from '../../metadata/jpeg-segments.ts'
import { readSamsungTrailer } from '../../metadata/samsung-trailer.ts'
import { readTiff } from '../../metadata/tiff.ts'
import type { Xmp } from './xmp-details.ts'

/** What may say that there is more in a JPEG than its first picture. */
export interface JpegSigns {
  xmp: Xmp | undefined
  /** The index of CIPA DC-007 (MPF), whose offsets count from its own beginning. */
  pictures: Buffer | undefined
  /** The first picture has a segment of ISO 21496-1. */
  hasGainMap: boolean
}

/**
 * What is there beside the first picture. Programs that edit a photo drop the pictures and clips behind it and keep the XMP
 * that speaks of them: so what counts is what is found there.
 */
export function jpegFeatures(bytes: Buffer, { xmp, pictures, hasGainMap }: JpegSigns): MediaFeature[] {
  const features: MediaFeature[] = []
  const others = [...picturesIn(bytes, pictures), ...namedBySemantic(bytes, xmp, 'GainMap')]
  const saysGainMap = hasGainMap || xmp?.has('hdrgm:Version') === true
  if (others.some((at) => isGainMap(bytes, at, saysGainMap))) features.push('gain-map')
  if (hasClip(bytes, xmp) || hasSamsungClip(bytes)) features.push('motion')
  if (others.some((at) => headerHas(bytes, at, [appleDepth])) || xmp?.has('GDepth:Data'))
    features.push('depth')
  return features
}

const appleGainMap = 'urn:com:apple:photo:2020:aux:hdrgainmap'
const appleDepth = ':aux:disparity'
/** Pictures of one file that are looked at: a panorama of a camera that keeps each shot may have more. */
const mostPictures = 8

/** Where those behind the first one begin. */
function picturesIn(bytes: Buffer, index: Buffer | undefined): number[] {
  const tiff = index && readTiff(index)
  const list = tiff?.directories[0]?.entries.find(({ tag }) => tag === 0xb002)
  if (!index || !tiff || !list) return []
  const found: number[] = []
  for (let at = list.offset; at + 16 <= list.offset + list.length && found.length < mostPictures; at += 16) {
    const offset = tiff.littleEndian ? index.readUInt32LE(at + 8) : index.readUInt32BE(at + 8)
    const place = index.byteOffset - bytes.byteOffset + offset
    if (offset > 0 && isJpegAt(bytes, place)) found.push(place)
  }
  return found
}

/** Google's container lists what follows the first picture, with the length of each: so they are counted from the end. */
function namedBySemantic(bytes: Buffer, xmp: Xmp | undefined, semantic: string): number[] {
  const items = itemsIn(xmp)
  const index = items.findIndex((one) => one.semantic === semantic)
  if (index === -1) return []
  const place = bytes.length - items.slice(index).reduce((sum, { length }) => sum + length, 0)
  return isJpegAt(bytes, place) ? [place] : []
}

function itemsIn(xmp: Xmp | undefined): { semantic: string; length: number }[] {
  const semantics = xmp?.values('Item:Semantic') ?? []
  const lengths = xmp?.values('Item:Length') ?? []
  // The first picture has none, or 0.
  const missing = semantics.length - lengths.length
  return semantics.map((semantic, index) => ({ semantic, length: Number(lengths[index - missing] ?? 0) }))
}

function isJpegAt(bytes: Buffer, at: number): boolean {
  return at > 0 && bytes[at] === 0xff && bytes[at + 1] === 0xd8 && bytes[at + 2] === 0xff
}

/** @param isSaid the first picture says that there is one */
function isGainMap(bytes: Buffer, at: number, isSaid: boolean): boolean {
  return headerHas(bytes, at, [appleGainMap, ...(isSaid ? ['hdrgm:'] : [])], isSaid)
}

/** Bytes of a picture's header that are looked at: its XMP comes before its tables. */
const headerBytes = 64 * 1024

/** Whether one of these stands in the XMP of the picture that begins there, or, if wanted, a segment of ISO 21496-1. */
function headerHas(bytes: Buffer, start: number, texts: string[], orGainMap = false): boolean {
  const picture = bytes.subarray(start, start + headerBytes)
  return jpegSegments(picture).segments.some((one) => {
    if (orGainMap && one.marker === markers.app2 && hasPrefix(picture, one, prefixes.gainMap)) return true
    if (one.marker !== markers.app1 || !hasPrefix(picture, one, prefixes.xmp)) return false
    const xmp = picture.subarray(one.body, one.end)
    return texts.some((text) => xmp.includes(text))
  })
}

/** Of Google's Motion Photo (and the older MicroVideo): the clip is the end of the file, or nearly. */
function hasClip(bytes: Buffer, xmp: Xmp | undefined): boolean {
  if (!xmp) return false
  const items = itemsIn(xmp)
  const index = items.findIndex(({ semantic }) => semantic === 'MotionPhoto')
  const behind = items.slice(Math.max(index, 0)).reduce((sum, { length }) => sum + length, 0)
  const lengths = [
    ...(index === -1 ? [] : [behind, items[index]?.length ?? 0]),
    ...['GCamera:MicroVideoOffset', 'Camera:MotionPhotoOffset'].flatMap((name) =>
      xmp.values(name).map(Number),
    ),
  ]
  return lengths.some((length) => isMovieAt(bytes, bytes.length - length))
}

function isMovieAt(bytes: Buffer, at: number): boolean {
  return at > 0 && at + 12 <= bytes.length && bytes.toString('latin1', at + 4, at + 8) === 'ftyp'
}

/** The type of Samsung's block that holds a clip. */
const samsungClip = 0x0a30

function hasSamsungClip(bytes: Buffer): boolean {
  const blocks = readSamsungTrailer(bytes)?.blocks.values() ?? []
  return Array.from(blocks).some(({ type }) => type === samsungClip)
}
