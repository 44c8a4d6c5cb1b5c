import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
