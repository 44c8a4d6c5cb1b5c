import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { blocksOf, root } from '../scripts/docs-blocks/blocks.ts'

test('the tests of docs/testing.md pass as they stand', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-page-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const files = blocksOf('docs/testing.md').filter(({ exempt }) => exempt?.startsWith('run by'))
  for (const { lines } of files)
    await writeFile(join(folder, (lines[0] ?? '').replace('// ', '')), lines.join('\n'))
  // Node runs no tests within a test that it runs, unless this is left out.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, ['--test'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  assert.match(output, /pass 4\n/, output)
  assert.equal(child.exitCode, 0, output)
})
