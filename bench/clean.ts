/**
 * What cleaning costs beside the rest of an upload, in the same run: for a JPEG of 12 megapixels as a phone makes it, with
 * Exif, maker note, thumbnail and XMP. The rest is its least possible: a SHA-256, and a thumb by libvips in this process,
 * without a server, a database or S3. So the ratio is an upper bound.
 *
 * @example node bench/clean.ts
 */
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { applyEdits, fromMemory } from '../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../packages/tintype/src/privacy/plan-cleaning.ts'
import { jpegSegment, withSegments } from '../test/media/exif.ts'
import { privateExif, privateXmp } from '../test/media/secrets.ts'
import { photo } from './harness/inputs.ts'

const rounds = 7
const runs = 20
const policy = { location: 'remove', identifiers: 'remove' } as const

const plain = (await photo(4000, 3000, 4_000_000)).head
const thumbnail = await sharp(plain).resize(160).jpeg().toBuffer()
const jpeg = withSegments(Buffer.from(plain), [
  jpegSegment(0xe1, 'Exif\0\0', privateExif({ thumbnail })),
  jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', Buffer.from(privateXmp())),
])

async function clean(): Promise<void> {
  const { edits } = await planCleaning(fromMemory(jpeg), 'image/jpeg', policy)
  applyEdits(copy, edits)
}
const copy = Buffer.from(jpeg)

async function upload(): Promise<void> {
  createHash('sha256').update(jpeg).digest()
  await sharp(jpeg).autoOrient().resize(320).webp({ effort: 0, quality: 76 }).toBuffer()
}

/** Milliseconds of CPU for each run. */
async function cost(work: () => Promise<void>, count: number): Promise<number> {
  const before = process.cpuUsage()
  for (let run = 0; run < count; run++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}

sharp.concurrency(1)
await cost(clean, 1_000)
const cleaning: number[] = []
const uploading: number[] = []
for (let round = 0; round < rounds; round++) {
  cleaning.push(await cost(clean, runs * 5))
  uploading.push(await cost(upload, runs / 4))
}
const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] as number
const ratio = 1 + median(cleaning) / median(uploading)
console.log(
  `a JPEG of ${(jpeg.length / 1e6).toFixed(1)} MB: cleaning ${median(cleaning).toFixed(3)} ms of CPU,`,
)
console.log(`hash and thumb ${median(uploading).toFixed(1)} ms; together ${ratio.toFixed(4)} of these alone`)
