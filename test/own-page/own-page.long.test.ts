import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createServer as createVite, type ViteDevServer } from 'vite'
import { launchBrowser, type TestBrowser } from '../browser/browser.ts'
import { photo } from '../media/photos.ts'
import { until } from '../support/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = await readFile(join(root, 'docs/own-page.md'), 'utf8')

/** A file of the guide, by the name in its first line. */
function fileOf(name: string): string {
  const comment = name.endsWith('.html') ? `<!-- ${name} -->` : `// ${name}`
  const [, text] = guide.split(`${comment}\n`)
  assert.ok(text, `the guide has ${name}`)
  return text.slice(0, text.indexOf('```'))
}

interface Setting {
  /** What the guide says to change for this way. */
  change?: (name: string, text: string, ports: { app: number; page: number }) => string
}

const asItStands = (_name: string, text: string) => text
const named = (text: string, page: number) =>
  text.replace("'this-machine' }", `'this-machine', origins: ['http://localhost:${page}'] }`)

const ways: Record<string, Setting> = {
  'Vite passes the API on': {},
  'Vite passes it on by its short form, and the app names the page': {
    change(name, text, { app, page }) {
      if (name === 'app.mjs') return named(text, page)
      return text.replace(/\{ target: ('[^']*'), changeOrigin: false \}/, `'http://localhost:${app}'`)
    },
  },
  'the page asks the app on its own origin, which names the page': {
    change(name, text, { app, page }) {
      if (name === 'app.mjs') return named(text, page)
      return name === 'main.js'
        ? text.replace("'/api'", `'http://localhost:${app}/api'`)
        : text.replace("'/api'", "'/none'")
    },
  },
}

const chromium = await launchBrowser()
const skip = typeof chromium === 'string' && chromium

describe('a page of one’s own, as docs/own-page.md says', { skip }, () => {
  after(() => (chromium as TestBrowser)[Symbol.asyncDispose]())

  for (const [way, { change = asItStands }] of Object.entries(ways)) {
    describe(way, () => {
      let folder: string
      let app: ChildProcess
      let vite: ViteDevServer
      let address: string
      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'tintype-own-page-'))
        await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
        const ports = { app: await freePort(), page: await freePort() }
        for (const name of ['app.mjs', 'index.html', 'main.js', 'vite.config.mjs']) {
          const text = fileOf(name).replace(/\b4000\b/, String(ports.app))
          await writeFile(join(folder, name), change(name, text, ports))
        }
        await writeFile(join(folder, 'small.jpg'), await photo({ width: 640, height: 480 }))
        app = spawn(process.execPath, ['app.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
        await until(() =>
          fetch(`http://127.0.0.1:${ports.app}/api/openapi.json`).then(
            ({ ok }) => ok,
            () => false,
          ),
        )
        // The packages are linked here, and lie outside the folder.
        vite = await createVite({
          root: folder,
          configFile: join(folder, 'vite.config.mjs'),
          logLevel: 'error',
          cacheDir: join(folder, '.vite'),
          server: { port: ports.page, strictPort: true, fs: { strict: false } },
        })
        await vite.listen()
        address = `http://localhost:${ports.page}`
      })
      after(async () => {
        await vite?.close()
        app.kill()
        await once(app, 'exit')
        await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      })

      for (const [what, formLimit] of [
        ['a photo', undefined],
        ['one that goes straight to the storage', 0],
      ] as const) {
        test(`${what} is sent and shown`, async () => {
          if (formLimit !== undefined) {
            const file = join(folder, 'main.js')
            await writeFile(
              file,
              (await readFile(file, 'utf8')).replace(
                '{ endpoint })\n    const',
                `{ endpoint, formLimit: ${formLimit} })\n    const`,
              ),
            )
          }
          const page = await (chromium as TestBrowser).browser.newPage()
          try {
            await page.goto(address)
            await page.locator('input').setInputFiles(join(folder, 'small.jpg'))
            const outcome = page.locator('img, p:not(:empty)')
            await outcome.waitFor({ state: 'attached' })
            assert.equal(await page.locator('p').textContent(), '')
            const width = await page.locator('img').evaluate(async (picture: HTMLImageElement) => {
              await picture.decode()
              return picture.naturalWidth
            })
            assert.ok(width > 0)
          } finally {
            await page.close()
          }
        })
      }
    })
  }
})

async function freePort(): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
