/** The web components in Firefox: the five lines of docs/elements.md. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { elementsPage, elementsScript } from '../browser/own-elements.ts'
import { startServer } from '../browser/server.ts'
import { photo } from '../media/photos.ts'
import { until } from '../support/until.ts'
import { type FirefoxPage, launchFirefox } from './firefox.ts'

const launched = await launchFirefox()
const skip = typeof launched === 'string' && launched
const firefox = launched as Exclude<typeof launched, string>
const folder = await mkdtemp(join(tmpdir(), 'tintype-firefox-elements-'))
after(async () => {
  if (!skip) await firefox[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** In the page: what has the focus, in an element too. */
const focused = (page: FirefoxPage) =>
  page.evaluate(() => {
    const { activeElement } = document
    const inside = activeElement?.shadowRoot?.activeElement
    return (inside ?? activeElement)?.getAttribute('aria-label') ?? null
  })

test('files are added, refused in German and removed by keys; the image has its size', { skip }, async () => {
  const files = ['tram.png', 'words.png'].map((name) => join(folder, name))
  const [tram = '', words = ''] = files
  await writeFile(tram, await photo({ width: 600, height: 400, type: 'image/png' }))
  await writeFile(words, 'nothing of the kind')
  const code = await elementsScript()
  await using server = await startServer()
  const page = await firefox.newPage()
  await page.setViewport({ width: 800, height: 700 })
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    const answered =
      pathname === '/demo.html'
        ? request.respond({ contentType: 'text/html', body: elementsPage('de') })
        : pathname === '/demo.js'
          ? request.respond({ contentType: 'text/javascript', body: code })
          : request.continue()
    answered.catch(() => {})
  })
  await page.setRequestInterception(true)
  await page.goto(`${server.url}/demo.html`)
  await page.locator('tintype-drop >>> input').wait()
  const field = await page.$('tintype-drop >>> input')
  await field?.uploadFile(...files)
  await page.locator('tintype-uploads >>> [data-state=done]').wait()
  await page.locator('tintype-uploads >>> [data-state=failed]').wait()
  await page.locator('::-p-text(Dateien dieser Art werden hier nicht angenommen)').wait()
  const image = () =>
    page.evaluate(() => {
      const element = document.querySelector('tintype-image')
      const picture = element?.shadowRoot?.querySelector('img')
      return [element?.clientWidth, element?.clientHeight, (picture?.naturalWidth ?? 0) > 0]
    })
  await until(async () => (await image())[2] === true)
  assert.deepEqual(await image(), [320, 213, true])

  while ((await focused(page)) !== 'tram.png ausblenden') await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await until(async () => (await focused(page)) === 'words.png ausblenden')
  await page.keyboard.press('Enter')
  await until(async () => (await focused(page)) === 'Fotos und Videos auswählen')
})
