import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemas } from '@tintype/protocol/openapi'
import { readSchemas } from '../scripts/openapi/schemas.ts'

test('the OpenAPI document has the wire types as they are declared', () => {
  assert.deepEqual(schemas, readSchemas(), 'The types have changed: run `node scripts/openapi-doc.ts`.')
})
