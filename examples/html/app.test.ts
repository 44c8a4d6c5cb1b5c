import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Media } from '@tintype/protocol'
import { build } from 'vite'
import { launchBrowser, type TestBrowser } from '../../test/browser/browser.ts'
import { openPage } from '../../test/browser/page.ts'
import { photo } from '../../test/media/photos.ts'
import { type RunningExample, startExample } from '../support.ts'

const chromium = await launchBrowser()
const skip = typeof chromium === 'string' && chromium

describe('a page of plain HTML', { skip }, () => {
  const { browser } = chromium as TestBrowser
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

  const list = async () =>
    ((await (await fetch(`${example.url}/api/media`)).json()) as { media: Media[] }).media
  const file = async (name: string, seed: number) => ({
    name,
    mimeType: 'image/jpeg',
    buffer: await photo({ width: 320, height: 240, seed }),
  })

  test('its form takes photos without JavaScript, says what it refuses, and deletes', async () => {
    await using opened = await openPage(browser, { javaScriptEnabled: false })
    const { page } = opened
    await page.goto(example.url)
    await page.getByLabel('Photos').setInputFiles([await file('one.jpg', 1), await file('two.jpg', 2)])
    await page.getByLabel('Caption').fill('A & <b>')
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('A & <b>').first().waitFor()
    assert.equal(new URL(page.url()).pathname, '/')
    assert.equal(await page.locator('li img').count(), 2)
    assert.equal((await list()).length, 2)

    const words = { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') }
    await page.getByLabel('Photos').setInputFiles(words)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('words.jpg').waitFor()
    await page.getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Photos' }).waitFor()

    await page.getByRole('button', { name: 'Delete' }).first().click()
    await page.waitForURL(`${example.url}/`)
    await page.getByRole('heading', { name: 'Photos' }).waitFor()
    assert.equal((await list()).length, 1)
    assert.equal(await page.locator('li img').count(), 1)
  })

  test('with JavaScript the form is a drop zone, and what it brings is shown as the server shows it', async () => {
    const before = (await list()).length
    await using opened = await openPage(browser)
    const { page } = opened
    await page.goto(example.url)
    await page.getByLabel('Choose photos and videos').setInputFiles(await file('three.jpg', 3))
    await page.getByText('three.jpg', { exact: true }).and(page.locator('#photos p')).waitFor()
    assert.equal(await page.locator('form[action="/api/media"]').count(), 0)
    assert.equal(await page.locator('#photos li').count(), before + 1)
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>('#photos img')
      return image?.complete && image.naturalWidth > 0
    })
    opened.assertClean()
  })
})
