import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { padding } from '../boxes/tree.ts'
import type { Edit } from '../cleaning.ts'
import { applyEdits } from '../cleaning.ts'
import type { Findings } from '../findings.ts'
import { redirect } from '../redirect.ts'

/** Bytes of metadata when they are uncompressed: what says more is no metadata. */
const maxOutput = 2 * 1024 * 1024

/** Nothing where they are damaged, or become too many. Not on the event loop's thread. */
export async function uncompress(bytes: Buffer): Promise<Buffer | undefined> {
  try {
    return await promisify(brotliDecompress)(bytes, { maxOutputLength: maxOutput })
  } catch {
    return undefined
  }
}

/**
 * Cleans what a `brob` box holds, and writes it anew without a change of length: zeros compress better than what was there, and a
 * free box takes the rest.
 *
 * @param box with its header and the type of what is in it
 * @param clean returns `false` for what it doesn't know
 * @returns nothing where nothing was to clean; `unknown` where it can't be written anew
 */
export async function recompress(
  content: Buffer,
  box: Buffer,
  findings: Findings,
  clean: (content: Buffer, findings: Findings) => boolean,
): Promise<Buffer | 'unknown' | undefined> {
  const edits: Edit[] = []
  const here = redirect(findings, {
    edit: (offset, bytes) => void edits.push({ offset, bytes }),
    embed: () => findings.unsure('Its compressed metadata have a picture in them.'),
  })
  if (!clean(content, here)) return 'unknown'
  if (edits.length === 0) return undefined
  const cleaned = Buffer.from(content)
  applyEdits(cleaned, edits)
  const headerLength = box.readUInt32BE(0) === 1 ? 16 : 8
  const type = box.subarray(headerLength, headerLength + 4)
  for (const quality of cleaned.length > 64 * 1024 ? [5, 9] : [11, 9, 5]) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality }
    const packed = await promisify(brotliCompress)(cleaned, { params })
    const room = box.length - 12 - packed.length
    if (room !== 0 && room < 8) continue
    const header = Buffer.alloc(8)
    header.writeUInt32BE(12 + packed.length, 0)
    header.write('brob', 4, 'latin1')
    return Buffer.concat([header, type, packed, ...(room > 0 ? [padding(room)] : [])])
  }
  return 'unknown'
}
