/**
 * A picture of each example from a real run, as page.webp beside its README.
 *
 *     node scripts/example-pictures.ts [NAME...]      # next: after npm run pack
 */
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { eicar } from '../examples/clamd/daemons.ts'
import { launchBrowser } from '../test/browser/browser.ts'
import { byApi, byForm, byMail, byPosts, refused, sent, underWay } from './example-pictures/filled.ts'
import { app, clamd, crashKit, next, type Started, uploaders } from './example-pictures/started.ts'
import { shoot } from './screenshots/shoot.ts'

/** Bytes: readers load them with each README. */
const largest = 15_000
const look = { width: 720, height: 440, quality: 35 }

interface Pictured {
  start: () => Promise<Started>
  /** Its page is built by Vite. */
  isBuilt?: boolean
  /** What is there before the page is opened. */
  fill?: (url: string) => Promise<unknown>
  /** Brings the page to the state. */
  show?: (page: Page) => Promise<unknown>
}

const examples: Record<string, Pictured> = {
  clamd: { start: clamd, show: refused(eicar) },
  'crash-kit': { start: crashKit },
  documents: { start: app(() => import('../examples/documents/app.ts')), fill: byPosts },
  express: { start: app(() => import('../examples/express/app.ts')), show: byForm },
  'express-4': { start: app(() => import('../examples/express-4/app.ts')), show: byForm },
  fastify: { start: app(() => import('../examples/fastify/app.ts')), show: byForm },
  hono: { start: app(() => import('../examples/hono/app.ts')), show: byForm },
  hooks: { start: app(() => import('../examples/hooks/app.ts')), show: byForm },
  html: { start: app(() => import('../examples/html/app.ts')), isBuilt: true, fill: byApi },
  mail: { start: app(() => import('../examples/mail/app.ts')), fill: byMail },
  multer: { start: app(() => import('../examples/multer/app.ts')), show: byForm },
  next: { start: next, show: byForm },
  posts: { start: app(() => import('../examples/posts/app.ts')), fill: byPosts },
  react: { start: app(() => import('../examples/react/app.ts')), isBuilt: true, fill: byApi, show: underWay },
  uploaders: { start: uploaders, show: sent },
}

const launched = await launchBrowser()
if (typeof launched === 'string') throw new Error(launched)
await using browser = launched
const wanted = process.argv.slice(2)

for (const [name, { start, isBuilt, fill, show }] of Object.entries(examples)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const folder = fileURLToPath(new URL(`../examples/${name}/`, import.meta.url))
  if (isBuilt) await build({ root: folder, configFile: `${folder}vite.config.ts`, logLevel: 'error' })
  const { url, stop } = await start()
  try {
    const file = `${folder}page.webp`
    await fill?.(url)
    await shoot(browser.browser, file, url, look, async (page) => {
      if (fill) await page.locator('img').nth(2).waitFor()
      await show?.(page)
    })
    const { size } = await stat(file)
    console.log(`${name}: ${size} bytes`)
    if (size > largest) throw new Error(`The picture of ${name} is larger than ${largest} bytes.`)
  } finally {
    await stop()
  }
}
