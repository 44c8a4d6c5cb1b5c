/** Very many files that are dropped at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const folder = await mkdtemp(join(tmpdir(), 'tintype-drops-'))
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('500 files that are dropped at once all go in', {
  skip,
  timeout: 240_000,
}, async () => {
  const files = await Promise.all(
    Array.from({ length: 500 }, async (_, n) => {
      const path = join(folder, `photo-${n}.png`)
      await writeFile(path, await photo({ width: 16, height: 12, seed: n + 1, type: 'image/png' }))
      return path
    }),
  )
  await using server = await startServer({ VARIANTS: 'thumb:320' })
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.getByText('No photos yet').waitFor()
  const devtools = await page.context().newCDPSession(page)
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    devtools.send('Input.dispatchDragEvent', {
      ...{ type, x: 500, y: 400, data: { items: [], files, dragOperationsMask: 1 } },
    })
  const overlay = page.getByText('Drop to add')
  await drag('dragEnter')
  await overlay.waitFor()
  await drag('dragOver')
  await drag('drop')
  await overlay.waitFor({ state: 'hidden' })
  await page.getByText('500 files added', { exact: true }).first().waitFor({ timeout: 200_000 })
  await page.locator('.tile img[data-shown="true"]').first().waitFor()
  const total = await page.evaluate(async () => (await (await fetch('/api/timeline')).json()).total)
  if (total !== 500) throw new Error(`${total} of 500 are there`)
  opened.assertClean()
})
