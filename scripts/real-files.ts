/**
 * Sends every picture and video of a folder to the ready server and tells what a person would miss: what Chromium shows and
 * the server refuses; sizes and colours that differ from those that Chromium shows; pixels that cleaning has changed; a video
 * without a poster; and, where exiftool is installed, positions and serial numbers that are left.
 *
 *     node scripts/real-files.ts FOLDER
 *
 * Collections of files that cameras have made: the repositories drewnoakes/metadata-extractor-images, ianare/exif-samples,
 * immich-app/test-assets, nokiatech/heif_conformance, AOMediaCodec/av1-avif. None of them belongs into this one.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Media, Problem } from '@tintype/protocol'
import { launchBrowser } from '../test/browser/browser.ts'
import { startServer } from '../test/support/server.ts'
import { changedPixels, whatIsLeft } from './real-files/cleaned.ts'
import { openShown } from './real-files/shown.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Name a folder: node scripts/real-files.ts FOLDER')
const kinds = /\.(jpe?g|png|webp|gif|avifs?|hei[cf]|hif|jxl|mp4|m4v|mov|3gp|webm|mkv)$/i
const entries = await readdir(folder, { recursive: true, withFileTypes: true })
const files = entries
  .filter((one) => one.isFile() && kinds.test(one.name))
  .map((one) => join(one.parentPath, one.name))

const server = await startServer({ VARIANTS: 'thumb:320' })
const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const shown = await openShown(browser.browser)
const tell = (file: string, what: string) => console.log(`${file.slice(folder.length + 1)}: ${what}`)
let taken = 0
try {
  for (const file of files) {
    const bytes = await readFile(file)
    const form = new FormData()
    form.append('file', new Blob([bytes]), 'file')
    const answer = await fetch(`${server.url}/api/media`, { method: 'POST', body: form })
    if (answer.ok) {
      taken++
      const { media } = (await answer.json()) as { media: Media[] }
      await look(file, bytes, media[0] as Media)
    } else {
      const { detail } = (await answer.json()) as Problem
      const size = await shown.sizeOf(bytes)
      if (size) tell(file, `Chromium shows it, ${size.width} x ${size.height}. Refused: ${detail}`)
    }
  }
} finally {
  await shown.close()
  await server.stop()
}
console.log(`${files.length} files, ${taken} taken.`)

async function look(file: string, sent: Buffer, media: Media): Promise<void> {
  const stored = await bytesOf(media.urls.original)
  if (stored && !media.cleaned?.unsure) for (const tag of await whatIsLeft(stored)) tell(file, `left: ${tag}`)
  if (media.kind === 'video') {
    if (!media.urls.poster) tell(file, `no poster (${media.codec ?? 'no codec'})`)
    return
  }
  if (stored && (await changedPixels(sent, stored))) tell(file, 'cleaning has changed its pixels')
  const [original, thumb] = [stored && (await shown.sizeOf(stored)), await bytesOf(media.urls.thumb)]
  if (!stored || !original || !thumb) return
  if (original.width !== media.width || original.height !== media.height)
    tell(file, `${media.width} x ${media.height}, in Chromium ${original.width} x ${original.height}`)
  const off = await shown.difference(stored, thumb)
  if (off > 3) tell(file, `its colours are ${off.toFixed(1)} of 255 off`)
}

async function bytesOf(url: string | undefined): Promise<Buffer | undefined> {
  return url === undefined ? undefined : Buffer.from(await (await fetch(url)).arrayBuffer())
}
