/**
 * What thumb and view of a photo cost beside sharp as its documentation shows it, and what the codecs alone take of that:
 *
 *     node bench/views.ts PHOTO...   JPEGs of some 12 megapixels
 *
 * CPU time of this process, the least of five turns; nothing is received or stored.
 */
import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { makePictures } from '../packages/tintype/src/variants/make-pictures.ts'
import { openPicture } from '../packages/tintype/src/variants/open-picture.ts'
import { usualThumb } from '../packages/tintype/src/variants/variant-spec.ts'

sharp.cache(false)
sharp.concurrency(1)
const turns = 5
const [thumb, view] = [320, 2048]
const largeSpec = { ...usualThumb, name: 'view', width: view, height: view, quality: 80 }

const fitted = (picture: Sharp, side: number) => picture.autoOrient().resize(side, side, { fit: 'inside' })
const open = (photo: Buffer) => openPicture(photo, { pixels: 100_000_000, failOn: 'warning' })

const ways: Record<string, (photo: Buffer) => Promise<Buffer[]>> = {
  'sharp, a pipeline for each size': (photo) =>
    Promise.all([thumb, view].map((side) => fitted(sharp(photo), side).webp().toBuffer())),
  'ours, decoded once for both': async (photo) => {
    const made = await makePictures(await open(photo), [usualThumb], {
      placeholder: true,
      later: [largeSpec],
    })
    return [...made.pictures, ...(await made.makeLater())]
  },
  'ours, decoded for each size': async (photo) => {
    const small = await makePictures(await open(photo), [usualThumb], { placeholder: true })
    const large = await makePictures(await open(photo), [largeSpec])
    return [...small.pictures, ...large.pictures]
  },
  'reading and resizing alone': async (photo) => [await fitted(sharp(photo), view).raw().toBuffer()],
}

/** Decibels, of 8 bits. */
function psnr(one: Buffer, other: Buffer): number {
  const error = one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0) / one.length
  return 10 * Math.log10(255 ** 2 / error)
}

for (const path of process.argv.slice(2)) {
  const photo = await readFile(path)
  const uncoded = await fitted(sharp(photo), view).removeAlpha().raw().toBuffer()
  const least = new Map<string, number>()
  const made = new Map<string, Buffer[]>()
  for (let turn = 0; turn < turns; turn++) {
    for (const [name, work] of Object.entries(ways)) {
      const before = process.cpuUsage()
      made.set(name, await work(photo))
      const { user, system } = process.cpuUsage(before)
      least.set(name, Math.min(least.get(name) ?? Infinity, (user + system) / 1000))
    }
  }
  const theirs = least.get('sharp, a pipeline for each size') ?? 0
  console.log(path)
  for (const [name, ms] of least) {
    const large = made.get(name)?.at(-1) ?? Buffer.alloc(0)
    const isCoded = large.length < uncoded.length
    const quality = isCoded ? psnr(await sharp(large).removeAlpha().raw().toBuffer(), uncoded).toFixed(2) : ''
    const bytes = isCoded ? `${Math.round(large.length / 1000)} kB` : ''
    console.log(
      `  ${name}: ${ms.toFixed(0)} ms, ${(theirs / ms).toFixed(2)} times the photos; ${bytes} ${quality}`,
    )
  }
}
