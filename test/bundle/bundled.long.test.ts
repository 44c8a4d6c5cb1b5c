import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { photo } from '../media/photos.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// An app is one file then, without the scripts of the child processes that look into photos and videos.
describe('an app that a bundler made one file of', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tintype-bundle-'))
    await writeFile(join(folder, 'photo.jpg'), await photo())
    await bundle(join(folder, 'alone'), 'es')
    await cp(join(folder, 'alone'), join(folder, 'installed'), { recursive: true })
    await bundle(join(folder, 'common'), 'cjs')
    for (const name of ['installed', 'common']) {
      await symlink(here('../../node_modules'), join(folder, name, 'node_modules'), 'junction')
    }
  })
  after(() => rm(folder, { recursive: true }))

  /** @returns what the app printed, and its exit code */
  function run(name: string, file: string): Promise<{ code: number; printed: string }> {
    const main = join(folder, name, file)
    const files = [join(folder, 'photo.jpg'), here('../media/files/index-first.mp4')]
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, join(folder, name, 'data'), ...files],
        { cwd: folder, timeout: 180_000 },
        (error, printed, faults) =>
          resolve({ code: error ? Number(error.code ?? -1) : 0, printed: printed || faults }),
      )
    })
  }

  for (const [name, file] of [
    ['installed', 'app.mjs'],
    ['common', 'app.cjs'],
  ] as const) {
    test(`uses the scripts of the package that is installed: ${file}`, async () => {
      const { code, printed } = await run(name, file)
      assert.equal(code, 0, printed)
      assert.match(printed, /^201 .*"type":"image\/jpeg".*"type":"video\/mp4"/s)
    })
  }

  test('says at start what to set when there is none', async () => {
    const { code, printed } = await run('alone', 'app.mjs')
    assert.equal(code, 1)
    assert.match(printed, /^ConfigError: .*external: \['tintype'\]/)
  })
})

async function bundle(outDir: string, format: 'es' | 'cjs'): Promise<void> {
  await mkdir(outDir)
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: here('app.ts'),
      outDir,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        output: { format, entryFileNames: format === 'es' ? 'app.mjs' : 'app.cjs', codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  })
}
