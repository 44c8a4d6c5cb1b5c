import { type Element, elementAt, ids, vint } from '../../metadata/ebml.ts'
import type { CleaningSource } from '../cleaning.ts'
import type { AllFindings } from '../findings.ts'
import { type Ranges, rangesOf } from '../ranges.ts'
import { unlessDamaged } from '../unless-damaged.ts'
import { cleanElement, elementIds, isZero, seekTargets, voidAs } from './elements.ts'

/** Bytes of an element that is read whole: attachments have pictures and fonts in them. */
const maxElement = 32 * 1024 * 1024
/** Clusters that are stepped over one by one; then the index says where they end. */
const maxSteps = 100
/** Bytes behind the end, in which cameras put data of their own. */
const maxTrailer = 4 * 1024 * 1024
/** Bytes of the end of a recording whose clusters don't say where they end. */
const tailBytes = 64 * 1024

/**
 * Cleans WebM and Matroska (RFC 9559): tags, attachments, file names. What goes becomes a `Void` of the same size.
 * Pictures and sound are not read.
 */
export async function cleanWebm(source: CleaningSource, findings: AllFindings): Promise<void> {
  await unlessDamaged(findings, () => walk(rangesOf(source), findings))
}

/** An element of the segment; its offsets are those of the file. */
interface Placed extends Element {
  at: number
}

async function walk(file: Ranges, findings: AllFindings): Promise<void> {
  const head = await file.read(0, Math.min(file.size, 4096))
  const header = vint(head, 4)
  const segment = header && elementAt(head, header.end + header.value)
  if (segment?.id !== ids.segment) {
    findings.unsure('Its metadata are damaged.')
    return
  }
  const end = segment.unknown ? file.size : Math.min(segment.end, file.size)
  const targets: number[] = []
  let checksum: Placed | undefined
  let isChanged = false
  let clusters = 0
  let at = segment.start
  while (at + 2 <= end) {
    const element = await elementOf(file, at)
    if (!element || (element.unknown ? element.id !== ids.cluster : element.end > file.size)) {
      findings.unsure('Its metadata are damaged.')
      return
    }
    at = element.end
    if (element.id === ids.cluster) {
      if (element.unknown) at = await behindClusters(file, element.start)
      else if (++clusters >= maxSteps) at = next(targets, at)
      continue
    }
    if (element.id === elementIds.checksum) checksum = element
    if (element.end - element.at > maxElement) {
      findings.unsure('It has a large element of metadata.')
      continue
    }
    const bytes = await file.read(element.at, element.end)
    if (element.id === ids.seekHead) targets.push(...seekTargets(bytes, segment.start))
    const change = cleanElement(bytes, findings.at(element.at))
    isChanged ||= change
  }
  if (at < file.size) await takeTrailer(file, findings, at)
  if (checksum && isChanged) findings.edit(checksum.at, voidAs(checksum.end - checksum.at))
}

const clusterId = Buffer.from('1f43b675', 'hex')

/** What a camera put behind the end becomes an element that readers pass over. */
async function takeTrailer(file: Ranges, findings: AllFindings, at: number): Promise<void> {
  if (file.size - at > maxTrailer) {
    findings.unsure('It has much data behind its end that only its camera knows.')
    return
  }
  const bytes = await file.read(at, file.size)
  if (isZero(bytes, bytes[0] === elementIds.void ? 9 : 0, bytes.length)) return
  // Where the segment says too little of itself, pictures come behind it.
  if (bytes.includes(clusterId)) {
    findings.unsure('Its metadata are damaged.')
    return
  }
  findings.overwrite('other', at, bytes.length < 9 ? Buffer.alloc(bytes.length) : voidAs(bytes.length))
}

async function elementOf(file: Ranges, at: number): Promise<Placed | undefined> {
  const element = elementAt(await file.read(at, Math.min(at + 12, file.size)), 0)
  return element && { ...element, at, start: at + element.start, end: at + element.end }
}

/** The first place behind this one that the index names, or this one where it names none. */
function next(targets: number[], at: number): number {
  const behind = targets.filter((target) => target >= at)
  return behind.length > 0 ? Math.min(...behind) : at
}

/** Where in the last bytes of a live recording tags begin that go on to its end; its end where there are none. */
async function behindClusters(file: Ranges, from: number): Promise<number> {
  const start = Math.max(from, file.size - tailBytes)
  const tail = await file.read(start, file.size)
  if (isZero(tail, 0, tail.length)) return file.size
  for (const id of [elementIds.tags, elementIds.attachments]) {
    const wanted = Buffer.alloc(4)
    wanted.writeUInt32BE(id)
    for (let at = tail.indexOf(wanted); at !== -1; at = tail.indexOf(wanted, at + 1)) {
      if (reachesEnd(tail, at)) return start + at
    }
  }
  return file.size
}

function reachesEnd(bytes: Buffer, from: number): boolean {
  let at = from
  while (at < bytes.length) {
    const element = elementAt(bytes, at)
    if (!element || element.unknown || element.id === ids.cluster) return false
    at = element.end
  }
  return at === bytes.length
}
