import { cleanBoxes } from './boxes/clean-boxes.ts'
import { cleanGif } from './clean-gif.ts'
import { cleanPng } from './clean-png.ts'
import { cleanWebp } from './clean-webp.ts'
import type { Cleaning, CleaningSource, Embedded, PrivacyPolicy } from './cleaning.ts'
import { createEffort } from './effort.ts'
import { type AllFindings, createFindings } from './findings.ts'
import { cleanJpegFile } from './jpeg/clean-jpeg.ts'
import { cleanJxl } from './jxl/clean-jxl.ts'
import { cleanWebm } from './webm/clean-webm.ts'

/** Looks through a file of one format, and writes down what it finds. Never throws for bad bytes. */
export type Cleaner = (source: CleaningSource, findings: AllFindings) => Promise<void> | void

/** By the type that the inspection found, or that a container names for what is inside of it. */
const cleaners: Record<string, Cleaner> = {
  'image/heic': cleanBoxes,
  'image/heif': cleanBoxes,
  'image/avif': cleanBoxes,
  'image/jxl': cleanJxl,
  'video/mp4': cleanBoxes,
  'video/quicktime': cleanBoxes,
  'video/webm': cleanWebm,
  'video/matroska': cleanWebm,
  'image/jpeg': wholly(cleanJpegFile),
  'image/png': wholly(cleanPng),
  'image/webp': wholly(cleanWebp),
  'image/gif': wholly(cleanGif),
}

/** For formats that are small enough to be in memory as a whole. */
function wholly(clean: (bytes: Buffer, findings: AllFindings) => void): Cleaner {
  return async (source, findings) => {
    const bytes = source.bytes ?? (await source.read(0, source.size))
    try {
      clean(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), findings)
    } catch (error) {
      // A read past the end that a cleaner has not thought of costs the original its audience, not the server a request.
      if (!(error instanceof RangeError)) throw error
      findings.unsure('Its metadata could not be read.')
    }
  }
}

/** A motion photo holds a clip, which holds pictures at most. */
const maxDepth = 3

/**
 * What has to be overwritten in a file so that it no longer says where it was taken, by which device, by whom.
 * Linear in the metadata, not in the pixels, and within bounds (effort.ts). Never throws for bad media; throws what `source.read` throws.
 *
 * @example
 * const { edits, unsure } = await planCleaning(fromMemory(bytes), 'image/jpeg', policy)
 * applyEdits(bytes, edits)
 */
export async function planCleaning(
  source: CleaningSource,
  type: string,
  policy: PrivacyPolicy,
  depth = 1,
  spend = createEffort(),
): Promise<Cleaning> {
  const findings = createFindings(policy, spend)
  const cleaner = cleaners[type]
  if (!cleaner || depth > maxDepth) {
    findings.unsure(`Files of type ${type} are not looked through for metadata.`)
    return findings.result()
  }
  await cleaner(source, findings)
  for (const one of findings.embedded) {
    const inner = await planCleaning(
      within(source, one.offset, one.length),
      one.type,
      policy,
      depth + 1,
      spend,
    )
    take(findings, inner, one)
  }
  const cleaning = findings.result()
  if (policy.credentials !== 'keep' || cleaning.credentials === 'none') return cleaning
  return {
    ...cleaning,
    edits: [],
    credentials: 'untouched',
    unsure: 'It has Content Credentials, which are kept together with all other metadata.',
  }
}

function take(findings: AllFindings, inner: Cleaning, { offset, into }: Embedded): void {
  for (const edit of inner.edits) {
    if (into) into.bytes.set(edit.bytes, into.offset + edit.offset)
    else findings.edit(offset + edit.offset, edit.bytes)
  }
  for (const kind of ['location', 'identifiers', 'other'] as const) {
    if (inner.found[kind]) findings.found(kind)
  }
  if (inner.position) findings.position(inner.position)
  if (inner.unsure !== undefined) findings.unsure(inner.unsure)
  if (inner.credentials !== 'none') findings.credentials(inner.credentials)
}

function within(source: CleaningSource, offset: number, length: number): CleaningSource {
  return {
    size: length,
    read: (start, end) => source.read(offset + start, offset + end),
    ...(source.bytes && { bytes: source.bytes.subarray(offset, offset + length) }),
  }
}
