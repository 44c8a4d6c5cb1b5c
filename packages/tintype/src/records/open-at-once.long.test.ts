import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('eight processes may open a new database at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-migrate-'))
  const script = `import { openRecords } from ${JSON.stringify(import.meta.resolve('./records.ts'))}
    const records = await openRecords(${JSON.stringify(join(directory, 'new.db'))})
    await records.ping()
    await records.close()`
  const open = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  await Promise.all(Array.from({ length: 8 }, open))
  await rm(directory, { recursive: true })
})
