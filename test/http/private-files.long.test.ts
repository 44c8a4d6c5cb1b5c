import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../packages/server/src/config.ts'
import { checkAtStart } from '../../packages/server/src/doctor/startup.ts'
import { serve } from '../../packages/server/src/serve.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { photo } from '../media/photos.ts'
import { upload } from '../support/server.ts'

const skip = process.platform === 'win32' && 'Windows has no such rights'

/** Rights of others than owner and group, octal. */
const othersRights = async (path: string) => (await stat(path)).mode & 0o007

async function start(directory: string) {
  const server = await serve(parseConfig({ PORT: '0', TINTYPE_DATA: directory }), () => {})
  await upload(server.url, { bytes: await photo() })
  return server
}

test('what is kept is for this user alone: folders 0700, the database 0600', { skip }, async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tintype-private-'))
  const umask = process.umask(0o022)
  try {
    const directory = join(parent, 'a/data')
    const server = await start(directory)
    const modes: Record<string, string> = {}
    for (const name of ['.', 's3', 'tintype.db', 'tintype.db-wal', 'tintype.db-shm', 's3-keys.json']) {
      modes[name] = ((await stat(join(directory, name))).mode & 0o777).toString(8)
    }
    await server.stop()
    assert.deepEqual(modes, {
      '.': '700',
      s3: '700',
      'tintype.db': '600',
      'tintype.db-wal': '600',
      'tintype.db-shm': '600',
      's3-keys.json': '600',
    })
  } finally {
    process.umask(umask)
    await rm(parent, { recursive: true })
  }
})

test('what an older version left open is closed to others; a folder that was there stays as it is', {
  skip,
}, async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tintype-private-'))
  try {
    const directory = join(parent, 'data')
    await mkdir(join(directory, 's3'), { recursive: true })
    await writeFile(join(directory, 'tintype.db'), '')
    await chmod(directory, 0o755)
    await chmod(join(directory, 's3'), 0o755)
    await chmod(join(directory, 'tintype.db'), 0o664)
    await (await start(directory)).stop()
    assert.equal(await othersRights(directory), 0o5)
    for (const name of (await readdir(directory)).filter((one) => /^s3$|\.db/.test(one))) {
      assert.equal(await othersRights(join(directory, name)), 0, name)
    }
    assert.equal((await stat(join(directory, 'tintype.db'))).mode & 0o777, 0o660)
  } finally {
    await rm(parent, { recursive: true })
  }
})

test('a file that is no database keeps its rights and what is in it', { skip }, async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tintype-private-'))
  try {
    const file = join(parent, 'notes')
    await writeFile(file, 'Not a database. '.repeat(100))
    await chmod(file, 0o644)
    const config = parseConfig({ PORT: '0', TINTYPE_DATA: join(parent, 'data'), DATABASE_URL: file })
    await assert.rejects(
      serve(config, () => {}),
      /can't be opened: file is not a database\. Look at DATABASE_URL/,
    )
    assert.equal((await stat(file)).mode & 0o777, 0o644)
    assert.equal(await readFile(file, 'utf8'), 'Not a database. '.repeat(100))
  } finally {
    await rm(parent, { recursive: true })
  }
})

test('with bucket and database elsewhere, no folder is made', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tintype-private-'))
  try {
    const config = parseConfig({
      TINTYPE_DATA: join(parent, 'data'),
      S3_BUCKET: 'photos',
      S3_ENDPOINT: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'k',
      AWS_SECRET_ACCESS_KEY: 's',
      DATABASE_URL: 'postgres://127.0.0.1:9/d',
    })
    await checkAtStart(config, { log: silentLog, now: Date.now, signal: new AbortController().signal })
    assert.deepEqual(await readdir(parent), [])
  } finally {
    await rm(parent, { recursive: true })
  }
})
