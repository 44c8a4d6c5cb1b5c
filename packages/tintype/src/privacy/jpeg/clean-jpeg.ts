import { boxesIn } from '../../metadata/boxes.ts'
import { Damaged } from '../../metadata/damaged.ts'
import { readSamsungTrailer } from '../../metadata/samsung-trailer.ts'
import type { AllFindings } from '../findings.ts'
import { cleanJpegPicture } from './picture.ts'
import { cleanSamsungBlock, isLiveTrailer } from './trailers.ts'

/**
 * Cleans a JPEG file: its picture, and what follows it. That is further pictures (MPF, the gain map of Ultra HDR), the
 * clip of a motion photo, what Samsung appends. Behind its end marker, a file may have anything; what is not known
 * stays, and is told.
 */
export function cleanJpegFile(bytes: Buffer, findings: AllFindings): void {
  const samsung = readSamsungTrailer(bytes)
  const end = samsung?.start ?? bytes.length
  let unknown = 0
  let at = 0
  for (let parts = 0; at < end && parts < maxParts && unknown < maxUnknown; parts++) {
    const block = samsung?.blocks.get(at)
    if (block) {
      cleanSamsungBlock(bytes, block, findings)
      at = block.end
    } else if (isJpeg(bytes, at)) {
      at += cleanJpegPicture(bytes.subarray(at, samsung?.nextBlock(at) ?? end), findings.at(at))
    } else if (isClip(bytes, at)) {
      const length = lengthOfClip(bytes, at, samsung?.nextBlock(at) ?? end)
      findings.embed({ type: 'video/mp4', offset: at, length })
      at += length
    } else if (isLiveTrailer(bytes.subarray(at, end))) {
      at = end
    } else if (padding.has(bytes[at] as number)) {
      at = behindPadding(bytes, at)
    } else {
      findings.unsure('It has bytes of an unknown kind behind its picture.')
      unknown++
      at = nextKnown(bytes, at + 1, samsung?.nextBlock(at) ?? end)
    }
  }
  if (at < end) findings.unsure('It has more parts than are looked through.')
}

/** More than any file has. */
const maxParts = 100
/** Each makes the search for the next known part read what is left. */
const maxUnknown = 8

const startOfImage = Buffer.from([0xff, 0xd8, 0xff])

function isJpeg(bytes: Buffer, at: number): boolean {
  return startOfImage.equals(bytes.subarray(at, at + 3))
}

function isClip(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at + 4, at + 8) === 'ftyp'
}

/** Up to the first box that is none: further data may follow the clip. */
function lengthOfClip(bytes: Buffer, start: number, end: number): number {
  let length = 8
  try {
    for (const box of boxesIn(bytes, { start, end }, 'lenient')) {
      if (!/^[\x20-\x7e\xa9]{4}$/.test(box.type)) break
      length = box.end - start
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
  }
  return length
}

/** Zeros or ones up to the next picture, and the ends of lines that some programs add. */
const padding = new Set([0, 0xff, 0x0a, 0x0d, 0x20])

function behindPadding(bytes: Buffer, start: number): number {
  let at = start
  while (padding.has(bytes[at] as number) && !isClip(bytes, at) && !isJpeg(bytes, at)) at++
  return at
}

function nextKnown(bytes: Buffer, start: number, end: number): number {
  const clip = bytes.indexOf('ftyp', start + 4, 'latin1')
  const picture = bytes.indexOf(startOfImage, start)
  return Math.min(end, clip === -1 ? end : clip - 4, picture === -1 ? end : picture)
}
