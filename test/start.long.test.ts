import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { blocksOf, root } from '../scripts/docs-blocks/blocks.ts'
import { photo } from './media/photos.ts'
import { freePort } from './proxies/programs.ts'
import { until } from './support/until.ts'

// The apps that a newcomer copies first: those of docs/start.md, and that of README.md for Hono.
const apps = ['docs/start.md', 'README.md']
  .flatMap((page) => blocksOf(page))
  .filter(({ exempt }) => exempt === 'run by test/start.long.test.ts')

test('there is one for Express, Fastify and Hono', () => {
  assert.equal(apps.length, 4)
})

for (const { page, line, lines } of apps) {
  test(`the app of ${page}:${line} runs as it stands, on another port, and takes a photo`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tintype-start-'))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const port = await freePort()
    await writeFile(join(folder, 'app.mjs'), lines.join('\n').replace('3000', String(port)))
    const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    try {
      const url = `http://127.0.0.1:${port}/api/media`
      await until(() =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      const form = new FormData()
      form.append('file', new Blob([(await photo()) as Uint8Array<ArrayBuffer>]), 'photo.jpg')
      const posted = await fetch(url, { method: 'POST', body: form })
      assert.equal(posted.status, 201)
      const { media } = (await (await fetch(url)).json()) as { media: { urls: { thumb: string } }[] }
      assert.equal(media.length, 1)
      const thumb = await fetch(media[0]?.urls.thumb ?? '')
      assert.equal(thumb.headers.get('content-type'), 'image/webp')
      const text = new FormData()
      text.append('file', new Blob(['{}']), 'package.json')
      const refused = await fetch(url, { method: 'POST', body: text })
      assert.equal(refused.status, 415)
      assert.equal(((await refused.json()) as { code: string }).code, 'unsupported_type')
    } finally {
      app.kill()
      if (app.exitCode === null) await once(app, 'exit')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  })
}
