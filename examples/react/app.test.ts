import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { launchBrowser, type TestBrowser } from '../../test/browser/browser.ts'
import { openPage } from '../../test/browser/page.ts'
import { photo } from '../../test/media/photos.ts'
import { type RunningExample, startExample } from '../support.ts'

const chromium = await launchBrowser()
const skip = typeof chromium === 'string' && chromium

describe('a React page', { skip }, () => {
  let example: RunningExample
  before(async () => {
    const root = fileURLToPath(new URL('.', import.meta.url))
    await build({ root, configFile: `${root}vite.config.ts`, logLevel: 'error' })
    example = await startExample(() => import('./app.ts'))
  })
  after(async () => {
    await example.stop()
    await (chromium as TestBrowser)[Symbol.asyncDispose]()
  })

  test('takes photos, shows them in every window, tells what is refused, and deletes', async () => {
    const { browser } = chromium as TestBrowser
    await using opened = await openPage(browser, {}, /status of 415/)
    await using another = await openPage(browser)
    const { page } = opened
    for (const { page } of [opened, another]) await page.goto(example.url)
    const buffer = await photo({ width: 640, height: 480 })
    await page.getByLabel('Add photos').setInputFiles([
      { name: 'tram.jpg', mimeType: 'image/jpeg', buffer },
      { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') },
    ])
    const photos = page.getByRole('list', { name: 'Photos' })
    await photos.getByText('tram.jpg').waitFor()
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>('.photos img')
      return image?.complete && image.naturalWidth > 0 && image.srcset !== ''
    })
    await another.page.getByRole('list', { name: 'Photos' }).getByText('tram.jpg').waitFor()

    const refused = page.getByRole('list', { name: 'Uploads' }).getByRole('listitem')
    await refused.getByRole('alert').waitFor()
    assert.equal(await refused.count(), 1)
    await refused.getByRole('button', { name: 'Remove' }).click()
    await refused.waitFor({ state: 'detached' })

    await photos.getByRole('button', { name: 'Delete tram.jpg' }).click()
    for (const { page } of [opened, another]) await page.getByText('tram.jpg').waitFor({ state: 'detached' })
    opened.assertClean()
    another.assertClean()
  })
})
