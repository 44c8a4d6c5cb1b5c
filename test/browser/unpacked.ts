import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from '../support/until.ts'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

let path: Promise<string> | undefined

/**
 * The executable of the packaged browser. To unpack it takes three seconds of CPU time, so it is kept beside the
 * installed packages, and processes that want it at the same time leave the work to one of them.
 */
export function unpacked(): Promise<string> {
  path ??= find()
  return path
}

async function find(): Promise<string> {
  const manifest = await readFile(join(modules, '@sparticuz/chromium/package.json'), 'utf8')
  const cache = join(modules, '.cache')
  const folder = join(cache, `chromium-${JSON.parse(manifest).version}`)
  const executable = join(folder, 'chromium')
  if (existsSync(executable)) return executable
  await mkdir(cache, { recursive: true })
  const lock = `${folder}.lock`
  const isOurs = await mkdir(lock).then(
    () => true,
    () => false,
  )
  // One that was killed leaves its lock: then each unpacks it for itself, and the first one's is kept.
  if (!isOurs) await until(() => existsSync(executable), Boolean, { every: 50, seconds: 30 }).catch(() => {})
  if (!existsSync(executable)) {
    const own = await mkdtemp(`${folder}-`)
    await unpackInto(own)
    await rename(own, folder).catch(() => rm(own, { recursive: true }))
  }
  await rm(lock, { recursive: true, force: true })
  return executable
}

const unpack =
  "const { default: packaged } = await import('@sparticuz/chromium'); await packaged.executablePath()"

/** It unpacks itself below TMPDIR: in a process of its own, for in this one others make folders there meanwhile. */
async function unpackInto(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: modules,
    env: { ...process.env, TMPDIR: folder },
  })
}
