import { type Element, elementAt, elementsIn, ids, numberAt, vint } from '../metadata/ebml.ts'
import { largestRead, type RangeSource } from '../ranges/range-source.ts'
import { Damaged } from './verdict.ts'
import { readTracks, type WebmTrack } from './webm-tracks.ts'

/** What the beginning of a WebM says about the whole file (RFC 9559). */
export interface WebmSegment {
  /**
   * The size that the file needs for its pictures and sound, or 0 where it doesn't say. Players do without the seek
   * index (`Cues`) after them.
   */
  needed: number
  /** Seconds. */
  duration: number
  tracks: WebmTrack[]
}

/** Bytes of the elements that are read: the largest have some kilobytes. */
const maxElement = 256 * 1024
/** Elements before the first cluster. */
const maxElements = 1000
/** Bytes before the end in which the last cluster is looked for. Browsers begin a new one every few seconds. */
const tailBytes = 32 * 1024 * 1024
/** Assumed duration of a picture, in seconds, where none is given. */
const onePicture = 1 / 30

/**
 * Reads the beginning, and the end of a recording that doesn't give its duration, as browsers make them.
 *
 * @throws {Damaged} where anything but elements comes before the first cluster
 */
export async function readWebm(source: RangeSource): Promise<WebmSegment> {
  const head = await source.read(0, Math.min(source.size, maxElement))
  const header = vint(head, 4)
  const segment = header && elementAt(head, header.end + header.value)
  if (segment?.id !== ids.segment) throw new Damaged('has no segment')
  let places: Map<number, number> | undefined
  let [scale, length] = [1_000_000, 0]
  let tracks: WebmTrack[] = []
  for (let at = segment.start, elements = 0; elements < maxElements; elements++) {
    // It is cut off before its first picture.
    if (at >= source.size)
      return { needed: Math.max(at, segment.unknown ? 0 : segment.end), duration: 0, tracks }
    const { id, start, end } = await elementOf(source, at)
    if (id === ids.cluster) {
      const [cues, behind] = [places?.get(ids.cues), places?.get(ids.tracks)]
      if (tracks.length === 0 && behind !== undefined) tracks = await tracksAt(source, segment.start + behind)
      const areCuesLast = cues !== undefined && cues > at - segment.start
      const needed = segment.unknown ? 0 : areCuesLast ? segment.start + cues : segment.end
      if (!(length > 0) && needed <= source.size) {
        length = await lastTime(source, start, (onePicture * 1e9) / scale)
      }
      return { needed, duration: (length * scale) / 1e9, tracks }
    }
    const isRead = id === ids.seekHead || id === ids.info || id === ids.tracks
    const bytes = isRead ? await contentOf(source, start, end) : nothing
    if (id === ids.tracks) tracks = readTracks(bytes)
    if (id === ids.seekHead) places ??= placesIn(bytes)
    for (const fact of id === ids.info ? elementsIn(bytes, 0, bytes.length) : []) {
      if (fact.id === ids.timestampScale) scale = numberAt(bytes, fact.start, fact.end)
      if (fact.id === ids.duration) length = floatAt(bytes, fact.start, fact.end)
    }
    at = end
  }
  throw new Damaged('has no cluster')
}

const nothing = new Uint8Array()

async function contentOf(source: RangeSource, start: number, end: number): Promise<Uint8Array> {
  const isRead = end > start && end - start <= maxElement && end <= source.size
  return isRead ? await source.read(start, end) : nothing
}

/** One that says where it ends. */
async function elementOf(source: RangeSource, at: number): Promise<Element> {
  const bytes = await source.read(at, Math.min(at + 12, source.size))
  const element = elementAt(bytes, 0)
  if (!element || (element.unknown && element.id !== ids.cluster)) throw new Damaged('has a damaged element')
  return { ...element, start: at + element.start, end: at + element.end }
}

/** Some programs write the tracks behind the pictures. */
async function tracksAt(source: RangeSource, at: number): Promise<WebmTrack[]> {
  if (at >= source.size) return []
  const { id, start, end } = await elementOf(source, at)
  return id === ids.tracks ? readTracks(await contentOf(source, start, end)) : []
}

/** Of the index of elements: where the first of each kind begins, from the beginning of the segment. */
function placesIn(bytes: Uint8Array): Map<number, number> {
  const places = new Map<number, number>()
  for (const seek of elementsIn(bytes, 0, bytes.length)) {
    let target: number | undefined
    let position: number | undefined
    for (const { id, start, end } of elementsIn(bytes, seek.start, Math.min(seek.end, bytes.length))) {
      if (id === ids.seekId) target = numberAt(bytes, start, end)
      if (id === ids.seekPosition) position = numberAt(bytes, start, end)
    }
    if (target !== undefined && position !== undefined && !places.has(target)) places.set(target, position)
  }
  return places
}

/** When the last block of the file ends, in units of the segment's time. */
async function lastTime(source: RangeSource, from: number, oneMore: number): Promise<number> {
  const cluster = await lastCluster(source, from)
  const times: number[] = []
  let begun = 0
  for (let at = cluster, elements = 0; at < source.size && elements < maxBlocks; elements++) {
    const bytes = await source.read(at, Math.min(at + 32, source.size))
    const element = elementAt(bytes, 0)
    if (!element) break
    const { id, start, end } = element
    if (id === ids.timestamp) begun = numberAt(bytes, start, end)
    const block = id === ids.blockGroup ? elementAt(bytes, start) : element
    const track =
      block && (block.id === ids.simpleBlock || block.id === ids.block) ? vint(bytes, block.start) : undefined
    if (track && track.end + 2 <= bytes.length) times.push(begun + Buffer.from(bytes).readInt16BE(track.end))
    else if (id !== ids.timestamp && !isInCluster(id)) break
    at += end
  }
  const [last, before] = [...new Set(times)].toSorted((a, b) => b - a)
  if (last === undefined) return 0
  return last + (before === undefined ? oneMore : last - before)
}

/** Blocks of one cluster. */
const maxBlocks = 20_000

/** Void, CRC-32, Position and PrevSize: what else a cluster may hold. */
function isInCluster(id: number): boolean {
  return id === 0xec || id === 0xbf || id === 0xa7 || id === 0xab || id === ids.blockGroup
}

/** Where the content of the last cluster begins, which is known by its id and by the time that it begins with. */
async function lastCluster(source: RangeSource, from: number): Promise<number> {
  const least = Math.max(from - clusterHeader, source.size - tailBytes)
  for (let end = source.size; end > least; end -= largestRead - clusterHeader) {
    const start = Math.max(least, end - largestRead)
    const window = Buffer.from(await source.read(start, end))
    for (let at = window.length; at > 0; ) {
      at = window.lastIndexOf(clusterId, at - 1)
      if (at < 0) break
      const cluster = elementAt(window, at)
      if (cluster && window[cluster.start] === ids.timestamp) return start + cluster.start
    }
  }
  return from
}

const clusterId = Buffer.from('1f43b675', 'hex')
/** Its id, its size and the id of its time. */
const clusterHeader = 13

function floatAt(bytes: Uint8Array, start: number, end: number): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (end > bytes.length) return 0
  return end - start === 8 ? view.readDoubleBE(start) : end - start === 4 ? view.readFloatBE(start) : 0
}
