// `tintype init` of the packed server in an app as create-next-app makes it: Next shows the page, and its handler takes a photo.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { nextApp } from '../../test/init/apps.ts'
import { inEmptyFolder, install, run } from './folder.ts'

await inEmptyFolder(async (folder) => {
  const { 'package.json': _, ...files } = nextApp
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const own = ['server', 'aws', 'client', 'gallery', 'local-s3', 'protocol'].map((name) => `@tintype/${name}`)
  const others = ['react@19', 'react-dom@19', '@types/react@19', '@types/node@24', 'typescript@5.9.3']
  install(folder, ...own, 'tintype', 'next@16.4.6', ...others)
  const bin = (name: string) => join(folder, 'node_modules/.bin', name)
  assert.match(run(folder, process.execPath, bin('tintype'), 'init', '--yes'), /changed {2}next\.config\.ts/)
  run(folder, bin('tsc'), '--noEmit')
  const next = spawn(process.execPath, [bin('next'), 'dev', '-p', '0'], {
    cwd: folder,
    // Of this script's own, for the PATH.
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(next, 'exit')
  try {
    const url = await addressOf(next.stdout)
    const page = await fetch(`${url}/photos`)
    assert.match(await page.text(), /<input type="file" accept="image\/\*,video\/\*"/)
    const form = new FormData()
    const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
    form.append('file', new File([gif], 'dot.gif'))
    assert.equal((await fetch(`${url}/api/media`, { method: 'POST', body: form })).status, 201)
    const { media } = (await (await fetch(`${url}/api/media`)).json()) as { media: { name: string }[] }
    assert.deepEqual(
      media.map(({ name }) => name),
      ['dot.gif'],
    )
  } finally {
    next.kill()
    await ended
  }
  console.log('tintype init brings uploads into an app of Next.')
})

/** It is read on: with its reader gone, Next would end. */
function addressOf(output: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let printed = ''
  output.on('data', (text) => {
    printed += text
    const [, url] = /Local: +(http:\/\/\S+)/.exec(printed) ?? []
    if (url !== undefined && printed.includes('Ready')) resolve(url)
  })
  output.once('end', () => reject(new Error(`Next has ended, and had printed: ${printed}`)))
  return promise
}
