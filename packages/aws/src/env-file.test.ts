import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { mergeEnv, readEnvFile, writeEnvFile } from './env-file.ts'

describe('merging into a .env', () => {
  test('leaves comments, blanks, order and other variables as they were', () => {
    const before = '# mine\nPORT=8080\n\nexport S3_BUCKET = "old" # which\nTOKEN="a b#c"\n'
    assert.equal(
      mergeEnv(before, { S3_BUCKET: 'new', AWS_REGION: 'eu-central-1' }),
      '# mine\nPORT=8080\n\nS3_BUCKET=new\nTOKEN="a b#c"\nAWS_REGION=eu-central-1\n',
    )
  })

  test('makes a file out of none, and ends a last line that had no end', () => {
    assert.equal(mergeEnv('', { A: '1' }), 'A=1\n')
    assert.equal(mergeEnv('B=2', { A: '1' }), 'B=2\nA=1\n')
  })

  test('of several assignments one is left, where the last one was', () => {
    assert.equal(mergeEnv('A=1\nB=2\nA=3\nC=4\n', { A: '5' }), 'B=2\nA=5\nC=4\n')
  })

  test('does not touch what is commented out or only ends like the name', () => {
    assert.equal(mergeEnv('# A=1\nMY_A=2\n', { A: '5' }), '# A=1\nMY_A=2\nA=5\n')
  })

  test('what it writes reads back, whatever characters a secret has', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, '.env')
      const secret = 'a/+b=cde#f$g %h'
      await writeEnvFile(path, { AWS_SECRET_ACCESS_KEY: secret, X: 'plain/+=' })
      assert.deepEqual(await readEnvFile(path), { AWS_SECRET_ACCESS_KEY: secret, X: 'plain/+=' })
    })
  })

  test('leaves the file readable by its owner alone, and nothing beside it', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, '.env')
      await writeFile(path, 'A=1\n', { mode: 0o644 })
      await writeEnvFile(path, { B: '2' })
      assert.equal((await stat(path)).mode & 0o777, 0o600)
      assert.deepEqual(await readdir(folder), ['.env'])
    })
  })

  test('follows a symbolic link instead of replacing it', async () => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'real'), 'A=1\n')
      await symlink('real', join(folder, '.env'))
      await writeEnvFile(join(folder, '.env'), { B: '2' })
      assert.equal(await readFile(join(folder, 'real'), 'utf8'), 'A=1\nB=2\n')
    })
  })
})

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tintype-env-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
