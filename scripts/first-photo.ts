// The time from `npm i` to the first 201, by the README's lines, in an empty folder with an empty cache of npm.
//     npm run pack && node scripts/first-photo.ts
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { photo } from '../test/media/photos.ts'
import { freePort } from '../test/proxies/programs.ts'
import { until } from '../test/support/until.ts'
import { startRegistry } from './registry.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [, app = ''] = /```js\n(.*?)```/s.exec(readme) ?? []
const [, packages = ''] = /^npm i (.* express)$/m.exec(readme) ?? []

const folder = mkdtempSync(join(tmpdir(), 'tintype-first-'))
await using registry = await startRegistry()
try {
  // npm needs the PATH.
  const env = { ...process.env, ...registry.env }
  const npm = async (...args: string[]) => {
    const child = spawn('npm', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
    if ((await once(child, 'exit'))[0] !== 0) throw new Error(`npm ${args.join(' ')} failed.`)
  }
  await npm('init', '-y')
  const begun = performance.now()
  await npm('i', ...packages.split(' '))
  const installed = performance.now()

  const port = await freePort()
  writeFileSync(join(folder, 'app.mjs'), app.replace('3000', String(port)))
  const form = new FormData()
  form.append('file', new File([new Uint8Array(await photo())], 'photo.jpg'))
  const started = performance.now()
  const child = spawn(process.execPath, ['app.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const answer = await until(() =>
    fetch(`http://127.0.0.1:${port}/api/media`, { method: 'POST', body: form }).catch(() => undefined),
  )
  const done = performance.now()
  child.kill()
  await once(child, 'exit')
  if (answer?.status !== 201) throw new Error(`The answer was ${answer?.status}.`)

  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1)
  console.log(
    `npm i ${packages}: ${seconds(begun, installed)} s, of which npm's own servers and the line are most`,
  )
  console.log(`node app.mjs to the first 201: ${seconds(started, done)} s`)
  console.log(`together: ${seconds(begun, installed + done - started)} s`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
