import { createHash } from 'node:crypto'
import type { Findings } from '../findings.ts'
import { cleanIptc } from './iptc.ts'

/**
 * Cleans Photoshop's image resources (Adobe, Photoshop File Formats), as JPEG has them in APP13: those that stay move
 * together, and one without a meaning fills what is left. Thumbnails go, and copies of Exif and XMP.
 *
 * @returns the block, of the same length
 */
export function cleanPhotoshop(
  block: Buffer,
  findings: Pick<Findings, 'found' | 'removes' | 'spend'>,
): Buffer {
  const { resources, end } = readResources(block)
  const kept: Resource[] = []
  let isClean = true
  const note: typeof findings = {
    ...findings,
    found(kind) {
      isClean = false
      findings.found(kind)
    },
  }
  let iptc: Buffer | undefined
  for (const resource of resources) {
    if (resource.id === ids.iptc) {
      iptc = cleanIptc(resource.data, note)
      if (iptc) kept.push({ ...resource, data: iptc })
    } else if (harmless.has(resource.id) || isFiller(resource)) {
      kept.push(resource)
    } else {
      note.found('other')
      if (!findings.removes('other')) kept.push(resource)
    }
  }
  if (block.subarray(end).some((byte) => byte !== 0)) note.found('other')
  if (isClean || !findings.removes('other')) return block
  const before = resources.find(({ id }) => id === ids.iptc)
  const isSame = !before || (iptc && before.data.equals(iptc))
  return written(
    block.length,
    isSame ? kept : kept.map((one) => (one.id === ids.digest ? digested(one, iptc) : one)),
  )
}

interface Resource {
  id: number
  /** Signature, id and name. */
  head: Buffer
  data: Buffer
}

const ids = { iptc: 0x0404, digest: 0x0425, filler: 0x1387 }

/** Resolution, print and view settings, quality, copyright mark, colour profile, version, aspect ratio. */
const harmless = new Set([
  ...[
    0x03e9, 0x03ed, 0x03f3, 0x03f5, 0x03f8, 0x0400, 0x0402, 0x0406, 0x0408, 0x040a, 0x040b, 0x040d, 0x040f,
    0x0410,
  ],
  ...[0x0411, 0x0414, 0x0419, 0x0421, ids.digest, 0x0426, 0x0428, 0x043a, 0x043b, 0x2710],
])

function readResources(block: Buffer): { resources: Resource[]; end: number } {
  const resources: Resource[] = []
  let at = 0
  while (
    at + 12 <= block.length &&
    /^(8BIM|PHUT|AgHg|DCSR|MeSa)$/.test(block.toString('latin1', at, at + 4))
  ) {
    const nameLength = block[at + 6] as number
    const size = at + 6 + even(nameLength + 1)
    if (size + 4 > block.length) break
    const start = size + 4
    const length = block.readUInt32BE(size)
    if (start + length > block.length) break
    const head = block.subarray(at, size)
    resources.push({ id: block.readUInt16BE(at + 4), head, data: block.subarray(start, start + length) })
    at = Math.min(start + even(length), block.length)
  }
  return { resources, end: at }
}

function isFiller({ id, data }: Resource): boolean {
  return id === ids.filler && data.every((byte) => byte === 0)
}

/** Readers compare the digest with the records, to see whether something else has changed them. */
function digested(resource: Resource, iptc: Buffer | undefined): Resource {
  return {
    ...resource,
    data: createHash('md5')
      .update(iptc ?? '')
      .digest()
      .subarray(0, resource.data.length),
  }
}

function written(length: number, resources: Resource[]): Buffer {
  const out = Buffer.alloc(length)
  let at = 0
  for (const { head, data } of resources) {
    head.copy(out, at)
    out.writeUInt32BE(data.length, at + head.length)
    data.copy(out, at + head.length + 4)
    at = Math.min(length, at + head.length + 4 + even(data.length))
  }
  if (length - at >= 12) {
    out.write('8BIM', at, 'latin1')
    out.writeUInt16BE(ids.filler, at + 4)
    out.writeUInt32BE(length - at - 12, at + 8)
  }
  return out
}

function even(length: number): number {
  return length + (length % 2)
}
