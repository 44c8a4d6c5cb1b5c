import { elementsIn, ids, numberAt } from '../metadata/ebml.ts'

export interface WebmTrack {
  kind: 'video' | 'sound' | 'other'
  /** Matroska's codec id, such as `V_VP9`; behind that of Video for Windows, the four letters of its codec. */
  codec: string
  isProtected: boolean
  /** Pixels of the upright picture, as it is shown; 0 where nothing is said. */
  width: number
  height: number
}

/** Reads the `Tracks` element of a WebM (RFC 9559, section 5.1.4). */
export function readTracks(bytes: Uint8Array): WebmTrack[] {
  const tracks: WebmTrack[] = []
  for (const entry of elementsIn(bytes, 0, bytes.length)) {
    if (entry.id !== ids.trackEntry) continue
    let fourCc = ''
    const track: WebmTrack = { kind: 'other', codec: '', isProtected: false, width: 0, height: 0 }
    for (const { id, start, end } of childrenOf(bytes, entry)) {
      if (id === ids.trackType) track.kind = kinds[numberAt(bytes, start, end)] ?? 'other'
      if (id === ids.codecId) track.codec = textAt(bytes, start, end)
      if (id === ids.codecPrivate) fourCc = textAt(bytes, start + 16, Math.min(end, start + 20))
      if (id === ids.video) Object.assign(track, sizeOf(bytes, { start, end }))
      if (id === ids.contentEncodings) track.isProtected = isEncrypted(bytes, { start, end })
    }
    if (track.codec.toUpperCase() === videoForWindows && fourCc !== '')
      track.codec = `${videoForWindows}/${fourCc}`
    tracks.push(track)
  }
  return tracks
}

/** Which codec it is says the `BITMAPINFOHEADER` in the private data of the track. */
const videoForWindows = 'V_MS/VFW/FOURCC'

const kinds: Record<number, WebmTrack['kind']> = { 1: 'video', 2: 'sound' }

/** Pixels are stored, cropped, shown in another shape, and turned: in this order. */
function sizeOf(bytes: Uint8Array, video: { start: number; end: number }): { width: number; height: number } {
  const facts = new Map<number, number>()
  let turned = false
  for (const { id, start, end } of childrenOf(bytes, video)) {
    if (id === ids.projection) turned = isTurned(bytes, { start, end })
    else facts.set(id, numberAt(bytes, start, end))
  }
  const fact = (id: number) => facts.get(id) ?? 0
  let width = fact(ids.pixelWidth) - fact(ids.cropLeft) - fact(ids.cropRight)
  let height = fact(ids.pixelHeight) - fact(ids.cropTop) - fact(ids.cropBottom)
  // The display size gives the aspect ratio, in whatever unit; one side keeps its pixels.
  const shape = fact(ids.displayWidth) / fact(ids.displayHeight)
  if (shape > 0 && Number.isFinite(shape)) {
    if (shape > width / height) width = Math.round(height * shape)
    else height = Math.round(width / shape)
  }
  return turned ? { width: height, height: width } : { width, height }
}

/** Section 5.1.4.1.28.41: a roll by a right angle. */
function isTurned(bytes: Uint8Array, projection: { start: number; end: number }): boolean {
  for (const { id, start, end } of childrenOf(bytes, projection)) {
    if (id === ids.projectionRoll && end - start === 4 && end <= bytes.length) {
      const roll = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readFloatBE(start)
      return Math.abs(Math.round(roll / 90)) % 2 === 1
    }
  }
  return false
}

function isEncrypted(bytes: Uint8Array, encodings: { start: number; end: number }): boolean {
  for (const encoding of childrenOf(bytes, encodings)) {
    for (const { id } of childrenOf(bytes, encoding)) if (id === ids.contentEncryption) return true
  }
  return false
}

function childrenOf(bytes: Uint8Array, { start, end }: { start: number; end: number }) {
  return elementsIn(bytes, start, Math.min(end, bytes.length))
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, Math.min(end, start + 100)))
    .toString('latin1')
    .replace(/\0.*$/s, '')
}
