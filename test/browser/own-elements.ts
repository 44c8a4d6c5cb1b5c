import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A page of one's own with the web components, in the five lines of docs/elements.md. @param style of the page */
export const elementsPage = (language: string, style = '') =>
  `<!doctype html><html lang="${language}"><meta name="viewport" content="width=device-width"><title>Mine</title><style>${style}</style>
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

/** What it imports as `/demo.js`. */
export async function elementsScript(): Promise<string> {
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
