import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modules } from '../scripts/reference/modules.ts'
import { unexportedTypes } from '../scripts/reference/unexported-types.ts'

// Not of the package aws: it is a command before it is a library, and its functions hand each other what they need.
for (const name of ['tintype', '@tintype/client', '@tintype/local-s3']) {
  test(`every type in what ${name} exports is exported with it`, () => {
    const entries = modules.filter((one) => one.name === name || one.name.startsWith(`${name}/`))
    assert.deepEqual(unexportedTypes(entries), [])
  })
}
