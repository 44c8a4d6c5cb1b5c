// Installs what `npm run pack` made into empty folders, as people do, and uses it: a library app on node:http without
// the types of Express, one with Express and the browser client, and the ready server by its command.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inEmptyFolder, install, root, run } from './folder.ts'

const library = ['tintype', '@tintype/protocol']

inEmptyFolder((folder) => {
  copyFileSync(join(root, '.ci/installed/node-app.ts'), join(folder, 'app.ts'))
  install(folder, ...library, '@types/node@26', 'typescript@7.0.2')
  // The types are whole without the optional peers; what is missing says how it is installed.
  typeCheck(folder, '--lib', 'es2024')
  const missing = spawnSync(process.execPath, ['app.ts'], { cwd: folder, encoding: 'utf8' })
  assert.notEqual(missing.status, 0)
  assert.match(missing.stderr, /npm install @tintype\/local-s3/)

  install(folder, ...library, '@tintype/local-s3')
  run(folder, process.execPath, 'app.ts')
  assert.deepEqual(globSync('node_modules/{express,@types/express,pg}', { cwd: folder }), [])
  console.log('A library app on node:http installs, type-checks and takes a photo.')
})

inEmptyFolder((folder) => {
  copyFileSync(join(root, '.ci/installed/express-app.ts'), join(folder, 'app.ts'))
  const programs = ['library-options.ts', 'library-calls.ts', 'client-types.ts']
  for (const one of programs) copyFileSync(join(root, '.ci/installed', one), join(folder, one))
  const own = ['client', 'local-s3', 'aws'].map((name) => `@tintype/${name}`)
  const others = ['express@5', '@types/express@5', '@aws-sdk/client-s3@3', 'react@19', '@types/react@19']
  const peers = ['multer@2', '@types/multer@2', 'pg@8', '@types/pg@8']
  install(folder, ...library, ...own, ...others, ...peers, '@types/node@24', 'typescript@7.0.2')
  typeCheck(folder, ...programs, ...readmeExamples(folder))
  run(folder, process.execPath, 'app.ts')
  console.log('A library app with Express and the client installs, type-checks and takes a photo.')
})

await inEmptyFolder(async (folder) => {
  install(
    folder,
    ...['server', 'aws', 'client', 'gallery', 'local-s3', 'protocol'].map((name) => `@tintype/${name}`),
    'tintype',
  )
  assert.match(run(folder, 'npx', '--no', '@tintype/server', '--version'), /^\d+\.\d+\.\d+\n$/)
  const port = await freePort()
  const server = spawn(process.execPath, [join(folder, 'node_modules/.bin/tintype'), 'serve'], {
    cwd: folder,
    // Of this script's own, for the PATH: the server that it starts reads it by its config.ts.
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  try {
    await says(server, 'Tintype is at')
    const url = `http://localhost:${port}`
    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /<div id="root">/)
    const form = new FormData()
    const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
    form.append('file', new File([gif], 'dot.gif'))
    const posted = await fetch(`${url}/api/media`, { method: 'POST', body: form })
    assert.equal(posted.status, 201)
  } finally {
    server.kill()
    await ended
  }
  console.log('The ready server installs, shows its page and takes a photo.')
})

/** The code of the READMEs, a file for each piece. */
function readmeExamples(folder: string): string[] {
  return globSync('packages/{tintype,client,protocol,local-s3,aws}/README.md', { cwd: root }).flatMap(
    (readme) => {
      const pieces = [...readFileSync(join(root, readme), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
      assert.ok(pieces.length > 0, readme)
      return pieces.map(([, code = ''], index) => {
        const file = `${readme.split('/')[1]}-${index}.ts`
        writeFileSync(join(folder, file), code)
        return file
      })
    },
  )
}

/** As strict as an app may be; the declarations of all packages are checked too. */
function typeCheck(folder: string, ...options: string[]): void {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
  const target = [
    '--noEmit',
    '--allowImportingTsExtensions',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    'node',
  ]
  run(folder, join(folder, 'node_modules/.bin/tsc'), ...target, ...strict, ...options, 'app.ts')
}

/** Waits until the process has printed it; fails when it ends before. */
async function says(child: ChildProcess, text: string): Promise<void> {
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (bytes) => {
      printed += bytes
      if (printed.includes(text)) resolve()
    })
    child.once('exit', () => reject(new Error(`It ended, and had printed: ${printed}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
