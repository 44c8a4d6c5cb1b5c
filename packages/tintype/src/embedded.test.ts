import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ConfigError } from './settings/error.ts'
import { createTintype } from './tintype.ts'

test('without a bucket and without the embedded S3, the error has the line that installs it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  // What Node does where the package is not installed; here it is.
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      next(name === '@tintype/local-s3' ? '@tintype/is-not-installed' : name, context),
  })
  try {
    await assert.rejects(createTintype({ directory, authenticate: 'this-machine' }), (error) => {
      assert(error instanceof ConfigError)
      assert.match(error.message, /npm install @tintype\/local-s3$/)
      return true
    })
  } finally {
    hooks.deregister()
    await rm(directory, { recursive: true })
  }
})

test('a folder of a later version, or a damaged one, is refused in a sentence that says what to do', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const open = () => createTintype({ directory, authenticate: () => null })
  const refused = (code: string, message: RegExp) => assert.rejects(open(), { code, message })
  const change = (file: string, statement: string) => {
    const database = new DatabaseSync(join(directory, file))
    database.exec(statement)
    database.close()
  }
  try {
    await (await open()).close()
    change('s3/local-s3.db', 'pragma user_version = 99')
    await refused('storage_unavailable', /local-s3\.db cannot be opened: a later version of this server/)
    change('s3/local-s3.db', 'pragma user_version = 2')

    change('tintype.db', "insert into tintype_migration values ('9999_later', '2026-01-01')")
    await refused('database_unavailable', /A later version .*\(9999_later\): start that version, or put/)
    change('tintype.db', "delete from tintype_migration where name = '9999_later'")

    await writeFile(join(directory, 's3-keys.json'), '')
    await refused('storage_unavailable', /s3-keys\.json: put it back, or delete it/)
    await rm(join(directory, 's3-keys.json'))
    await (await open()).close()
  } finally {
    await rm(directory, { recursive: true })
  }
})
