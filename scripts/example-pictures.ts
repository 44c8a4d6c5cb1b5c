/**
 * A picture of each example that has a page, from a real run, as page.webp beside its README.
 *
 *     node scripts/example-pictures.ts [NAME...]
 */
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { mailOf } from '../examples/mail/message.ts'
import { type App, startExample } from '../examples/support.ts'
import { launchBrowser } from '../test/browser/browser.ts'
import { scene } from '../test/gallery/scenes.ts'
import { upload } from '../test/support/server.ts'
import { shoot } from './screenshots/shoot.ts'

/** Bytes: readers load them with each README. */
const largest = 15_000
const look = { width: 720, height: 440, quality: 35 }

interface Pictured {
  load: () => Promise<App>
  /** Its page is built by Vite. */
  isBuilt?: boolean
  /** What is there before the page is opened. */
  fill: (url: string) => Promise<unknown>
  /** Brings the page to the state. */
  show?: (page: Page) => Promise<unknown>
}

const captions = ['The lake before the storm', 'First light', 'From the hut', 'In the valley']
const bytesOf = async (seed: number) => Buffer.from(await scene({ seed, width: 640, height: 480 }))

async function byApi(url: string) {
  for (const [n, caption] of captions.entries())
    await upload(url, { name: `IMG_${2041 + n}.jpg`, bytes: await bytesOf(n + 1) }, { caption })
}

async function byPosts(url: string) {
  for (const [text, ...seeds] of [
    ['Home again.', 5],
    ['Three days in the mountains, and the storm came after all.', 1, 2, 3],
  ] as const) {
    const form = new FormData()
    form.append('text', text)
    for (const seed of seeds)
      form.append('photo', new File([new Uint8Array(await bytesOf(seed))], `${seed}.jpg`))
    const response = await fetch(`${url}/posts`, { method: 'POST', body: form, redirect: 'manual' })
    if (response.status !== 303) throw new Error(await response.text())
  }
}

async function byMail(url: string) {
  for (const [n, subject] of captions.entries()) {
    const files = [{ name: `IMG_${2041 + n}.jpg`, type: 'image/jpeg', bytes: await bytesOf(n + 1) }]
    const from = n % 2 ? 'bob@example.org' : 'eve@example.net'
    const response = await fetch(`${url}/mail?to=${encodeURIComponent('photos+k3vq8hzd@example.com')}`, {
      method: 'POST',
      headers: { Authorization: 'Bearer change me', 'Content-Type': 'message/rfc822' },
      body: mailOf({ id: `${n}@example.org`, subject, from, files }),
    })
    if (!response.ok) throw new Error(await response.text())
  }
}

/** One file that is refused, and one that is on its way for ever. */
async function underWay(page: Page) {
  const input = page.locator('input[type=file]')
  const choose = (name: string, buffer: Buffer) =>
    input.setInputFiles({ name, mimeType: 'image/jpeg', buffer })
  await choose('letter.jpg', Buffer.from('only words'))
  await page.getByRole('alert').waitFor()
  await page.route('**/api/media', () => {})
  await choose('IMG_2047.jpg', await bytesOf(7))
  await page.getByText('IMG_2047.jpg').waitFor()
}

const examples: Record<string, Pictured> = {
  html: { load: () => import('../examples/html/app.ts'), isBuilt: true, fill: byApi },
  react: { load: () => import('../examples/react/app.ts'), isBuilt: true, fill: byApi, show: underWay },
  mail: { load: () => import('../examples/mail/app.ts'), fill: byMail },
  posts: { load: () => import('../examples/posts/app.ts'), fill: byPosts },
  documents: { load: () => import('../examples/documents/app.ts'), fill: byPosts },
}

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const wanted = process.argv.slice(2)

for (const [name, { load, isBuilt, fill, show }] of Object.entries(examples)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const folder = fileURLToPath(new URL(`../examples/${name}/`, import.meta.url))
  if (isBuilt) await build({ root: folder, configFile: `${folder}vite.config.ts`, logLevel: 'error' })
  const example = await startExample(load)
  try {
    const file = `${folder}page.webp`
    await fill(example.url)
    await shoot(browser.browser, file, example.url, look, async (page) => {
      await page.locator('img').nth(2).waitFor()
      await show?.(page)
    })
    const { size } = await stat(file)
    console.log(`${name}: ${size} bytes`)
    if (size > largest) throw new Error(`The picture of ${name} is larger than ${largest} bytes.`)
  } finally {
    await example.stop()
  }
}
