/**
 * How soon a photo is there in a width that nobody has asked for before, when its variants are made:
 *
 *     node bench/on-demand.ts PHOTO...
 *
 * The ready server with its own S3, one request after the other.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Media } from '@tintype/protocol'
import { startProcess } from '../test/support/process.ts'
import { mediaOf, upload } from '../test/support/server.ts'
import { until } from '../test/support/until.ts'

const folder = await mkdtemp(join(tmpdir(), 'tintype-on-demand-'))
const server = await startProcess({ TINTYPE_DATA: folder })
try {
  for (const path of process.argv.slice(2)) {
    const { id } = await mediaOf(await upload(server.url, { bytes: await readFile(path) }))
    const address = `${server.url}/api/media/${id}`
    await until(
      async () => (await (await fetch(address)).json()) as Media,
      ({ urls }) => urls.view !== undefined,
    )
    for (const width of [160, 320, 640, 960, 1280, 1920]) {
      const begun = performance.now()
      const answer = await fetch(`${address}/image?w=${width}&format=webp`)
      const { byteLength } = await answer.arrayBuffer()
      const ms = Math.round(performance.now() - begun)
      console.log(`${basename(path)}, ${width} pixels: ${ms} ms, ${byteLength} bytes`)
    }
  }
} finally {
  await server.terminate()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
