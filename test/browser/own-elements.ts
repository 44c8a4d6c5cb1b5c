import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { openPage } from './page.ts'
import type { TestServer } from './server.ts'

/**
 * A page of one's own with the web components, in the five lines of docs/elements.md.
 *
 * @param style of the page
 * @param attributes of the drop
 */
export const elementsPage = (language: string, style = '', attributes = '') =>
  `<!doctype html><html lang="${language}"><meta name="viewport" content="width=device-width"><title>Mine</title><style>${style}</style>
<main><h1>Mine</h1>
<tintype-drop id="drop" endpoint="/api" ${attributes}></tintype-drop>
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

/** What it imports as `/demo.js`. */
export const elementsScript = (): Promise<string> => scriptOf('../../packages/client/src/element.ts')

/** A module with all that it imports, for a browser. @param file from here */
export async function scriptOf(file: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      lib: { entry: fileURLToPath(new URL(file, import.meta.url)), formats: ['es'], fileName: 'demo' },
      write: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [output] = [result].flat()
  assert(output && 'output' in output)
  return output.output[0].code
}

let script: Promise<string> | undefined

/** Opens it. What is changed in `shown` is there after a reload. @param expected what the console may say */
export async function openElements(
  browser: Browser,
  { url }: TestServer,
  { language = 'en', style = '', attributes = '' } = {},
  options: object = {},
  expected?: RegExp,
) {
  script ??= elementsScript()
  const code = await script
  const opened = await openPage(browser, options, expected)
  const { page } = opened
  const shown = { language, style }
  await page.route('**/demo.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: elementsPage(shown.language, shown.style, attributes),
    }),
  )
  await page.route('**/demo.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }))
  await page.goto(`${url}/demo.html`)
  return Object.assign(opened, { shown })
}
