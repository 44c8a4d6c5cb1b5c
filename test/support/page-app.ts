import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/docs-blocks/blocks.ts'
import { freePort } from '../proxies/programs.ts'
import { until } from './until.ts'

/** Runs an app of the documentation as it stands, in an empty folder with the packages of this workspace; 3000 is another port. */
export async function runApp(
  lines: readonly string[],
  env: Record<string, string> = {},
): Promise<{ url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-page-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const port = await freePort()
  await writeFile(join(folder, 'app.mjs'), lines.join('\n').replace('3000', String(port)))
  const app = spawn(process.execPath, ['app.mjs'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    app.kill()
    if (app.exitCode === null && app.signalCode === null) await once(app, 'exit')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await until(() => {
      if (app.exitCode !== null) throw new Error(`The app has ended with ${app.exitCode}.`)
      return fetch(`${url}/api/media`).then(
        ({ ok }) => ok,
        () => false,
      )
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, [Symbol.asyncDispose]: stop }
}
