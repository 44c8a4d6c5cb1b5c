import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { photo } from './media/photos.ts'
import { freePort } from './proxies/programs.ts'
import { until } from './support/until.ts'

test('the ten lines of the README run as they stand, on another port', async () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const [, lines = ''] = /```js\n(.*?)```/s.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'tintype-ten-lines-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const port = await freePort()
  await writeFile(join(folder, 'app.mjs'), lines.replace('3000', String(port)))
  const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const url = `http://127.0.0.1:${port}`
    const list = () => fetch(`${url}/api/media`)
    await until(() =>
      list().then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const form = new FormData()
    form.append('photo', new Blob([(await photo()) as Uint8Array<ArrayBuffer>]), 'photo.jpg')
    form.append('text', 'hello')
    const posted = await fetch(`${url}/posts`, { method: 'POST', body: form })
    const { text, photos } = (await posted.json()) as { text: string; photos: { id: string }[] }
    assert.equal(text, 'hello')
    const { media } = (await (await list()).json()) as { media: { id: string }[] }
    assert.deepEqual(
      media.map(({ id }) => id),
      photos.map(({ id }) => id),
    )
  } finally {
    app.kill()
    await once(app, 'exit')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
