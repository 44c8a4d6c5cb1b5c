/**
 * What the gallery's page holds and loads, with 2,000 and with 100,000 photos; and how soon a photo is sharp on a slow line; beside
 * the first version that had a gallery.
 *
 *     npm run bench:gallery                      writes docs/performance-gallery.md (6 minutes)
 *     npm run bench:gallery -- --quick           this version and 2,000 photos alone, and writes nothing
 *     npm run bench:gallery -- --before COMMIT   beside that one instead
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../test/browser/browser.ts'
import { measureFlows } from './gallery/flows.ts'
import { galleryOf, today } from './gallery/galleries.ts'
import { measureGrid } from './gallery/grid.ts'
import { report } from './gallery/report.ts'
import { measureSlowLine } from './gallery/slow-line.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, before: { type: 'string', default: 'eb8a152d' } },
})
const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using opened = launched
const { browser } = opened
const folder = await mkdtemp(join(tmpdir(), 'tintype-gallery-'))
try {
  const galleries = values.quick ? [today] : [galleryOf(values.before), today]
  const grids: string[] = []
  const slowLines: string[] = []
  for (const gallery of galleries) {
    grids.push(await measureGrid(browser, gallery, folder, 2000))
    slowLines.push(await measureSlowLine(browser, gallery, folder))
  }
  if (!values.quick) grids.push(await measureGrid(browser, today, folder, 100_000))
  const flows = await measureFlows(browser, galleries, folder)
  const text = report({ grids, slowLines, flows })
  console.log(text)
  if (!values.quick) await writeFile(new URL('../docs/performance-gallery.md', import.meta.url), text)
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
