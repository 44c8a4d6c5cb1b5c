/** The web components in a page of one's own: five lines, by role and name. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { photo } from '../media/photos.ts'
import { launchBrowser } from './browser.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

const html = (language: string) => `<!doctype html><html lang="${language}"><title>Mine</title>
<main><h1>Mine</h1>
<tintype-drop id="drop" endpoint="/api"></tintype-drop>
<tintype-uploads for="drop"></tintype-uploads>
</main>
<script type="module">
import '/demo.js'
document.querySelector('tintype-drop').addEventListener('media', ({ detail }) => {
  const image = Object.assign(document.createElement('tintype-image'), { media: detail })
  image.setAttribute('width', '20rem')
  document.querySelector('main').append(image)
})
</script>`

async function script(): Promise<string> {
  const entry = fileURLToPath(new URL('../../packages/client/src/element.ts', import.meta.url))
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      lib: { entry, formats: ['es'], fileName: 'demo' },
      write: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [output] = [result].flat()
  assert(output && 'output' in output)
  return output.output[0].code
}

test('a page takes photos and shows them in five lines, by role and name, in two languages', {
  skip,
}, async () => {
  const code = await script()
  await using server = await startServer()
  await using opened = await openPage(browser)
  const { page } = opened
  let language = 'en'
  await page.route('**/demo.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: html(language) }),
  )
  await page.route('**/demo.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }))
  await page.goto(`${server.url}/demo.html`)
  const field = page.getByLabel('Choose photos and videos')
  const buffer = await photo({ width: 600, height: 400, type: 'image/png' })
  await field.setInputFiles([
    { name: 'tram.png', mimeType: 'image/png', buffer },
    { name: 'no-photo.png', mimeType: 'image/png', buffer: Buffer.from('nothing of the kind') },
  ])
  const list = page.getByRole('list', { name: 'Uploads' })
  await list.getByRole('listitem').filter({ hasText: 'tram.png' }).getByText('Added').waitFor()
  const refused = list.getByRole('listitem').filter({ hasText: 'no-photo.png' })
  await refused.and(page.locator('[data-state=failed]')).waitFor()
  const image = page.getByRole('img', { name: 'tram.png' })
  await image.waitFor()
  await page.waitForFunction(() => {
    const image = document.querySelector('tintype-image')?.shadowRoot?.querySelector('img')
    return image?.complete && image.naturalWidth > 0 && image.srcset !== ''
  })
  await refused.getByRole('button', { name: 'Remove no-photo.png' }).press('Enter')
  await refused.waitFor({ state: 'detached' })
  // A drag that is cancelled ends without an event in some browsers.
  const zone = page.locator('tintype-drop [part=zone]')
  const dragged = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['x'], 'a.png', { type: 'image/png' }))
    return data
  })
  await zone.dispatchEvent('dragover', { dataTransfer: dragged })
  await page.locator('tintype-drop [data-over]').waitFor()
  await page.locator('tintype-drop [data-over]').waitFor({ state: 'detached' })
  language = 'de'
  await page.reload()
  await page.getByLabel('Fotos und Videos auswählen').waitFor()
  await page.getByRole('list', { name: 'Uploads' }).waitFor({ state: 'attached' })
})
