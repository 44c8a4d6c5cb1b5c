import { cameraName, cleanText } from './clean-text.ts'
import { type Found, found } from './found.ts'
import { writtenTime } from './time-text.ts'

/** Bytes: the largest packets hold the history of an edit, and what is wanted here stands before it. */
const longestPacket = 256 * 1024
const longestValue = 400
/** Places with a property's name that are looked at. */
const mostPlaces = 16

/**
 * What a packet of XMP says, by the names that its schemas usually have: no parser of XML comes near hostile bytes here.
 * Never throws; takes time in proportion to the packet.
 */
export function readXmp(packet: Buffer): Found {
  const xmp = createXmp(packet)
  const time = (name: string) => writtenTime(xmp.value(name))
  const taken = time('exif:DateTimeOriginal') ?? time('photoshop:DateCreated') ?? time('xmp:CreateDate')
  const isPanorama = xmp.has('GPano:ProjectionType') || xmp.has('GPano:UsePanoramaViewer')
  return {
    taken: found(taken, 'xmp'),
    changed: found(time('xmp:ModifyDate'), 'xmp'),
    camera: cameraName(xmp.value('tiff:Make'), xmp.value('tiff:Model')),
    lens: cleanText(xmp.value('exifEX:LensModel') ?? xmp.value('aux:Lens')),
    features: isPanorama ? ['panorama'] : undefined,
  }
}

export interface Xmp {
  /** Of an attribute or of an element with text. */
  value(name: string): string | undefined
  /** All values of a name, in order. */
  values(name: string): string[]
  has(name: string): boolean
}

export function createXmp(packet: Buffer): Xmp {
  const bytes = packet.subarray(0, longestPacket)
  function* valuesOf(name: string): Generator<string> {
    let at = bytes.indexOf(name)
    for (let places = 0; at !== -1 && places < mostPlaces; places++) {
      const start = at + name.length
      const behind = bytes.toString('utf8', start, start + longestValue)
      const [, , quoted, text] = /^\s*(?:=\s*(["'])(.*?)\1|>([^<]*)<)/s.exec(behind) ?? []
      const value = quoted ?? text
      if (value !== undefined) yield withoutEntities(value)
      at = bytes.indexOf(name, start)
    }
  }
  return {
    value: (name) => valuesOf(name).next().value ?? undefined,
    values: (name) => [...valuesOf(name)],
    has: (name) => bytes.includes(name),
  }
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function withoutEntities(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => entities[name] as string)
}
