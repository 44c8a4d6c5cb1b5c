import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('what was skipped is told, and fails a run that does not expect it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-skipped-'))
  const file = join(folder, 'one.test.mjs')
  await writeFile(
    file,
    "import { test } from 'node:test'\ntest('a', { skip: 'no browser here' }, () => {})\ntest('b', () => {})",
  )
  const reporter = fileURLToPath(new URL('../scripts/skipped-tests.ts', import.meta.url))
  const run = (mayBeSkipped: string | undefined) => {
    const { NODE_TEST_CONTEXT, TEST_MAY_SKIP, ...env } = process.env
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', file],
      {
        env: mayBeSkipped === undefined ? env : { ...env, TEST_MAY_SKIP: mayBeSkipped },
        encoding: 'utf8',
      },
    )
    return { status, stdout }
  }
  try {
    for (const expected of [undefined, 'Postgres,browser']) {
      const { status, stdout } = run(expected)
      assert.match(stdout, /^skipped: no browser here \(.*one\.test\.mjs\)\n$/)
      assert.equal(status, 0)
    }
    const { status, stdout } = run('Postgres')
    assert.match(stdout, /FAILED: TEST_MAY_SKIP does not name "no browser here"/)
    assert.equal(status, 1)
  } finally {
    await rm(folder, { recursive: true })
  }
})
