import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'
import { ConfigError } from '../settings/error.ts'
import { openRecords } from './records.ts'

test('without pg SQLite works, and the error of a Postgres has the line that installs it', async () => {
  // What Node does where the package is not installed; here it is.
  const hooks = registerHooks({
    resolve: (name, context, next) => next(name === 'pg' ? 'pg-is-not-installed' : name, context),
  })
  try {
    await (await openRecords(':memory:')).close()
    await assert.rejects(openRecords('postgres://nobody@127.0.0.1:1/none'), (error) => {
      assert(error instanceof ConfigError)
      assert.match(error.message, /npm install pg$/)
      return true
    })
  } finally {
    hooks.deregister()
  }
})
