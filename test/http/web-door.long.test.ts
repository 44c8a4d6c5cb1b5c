import assert from 'node:assert/strict'
import { after } from 'node:test'
import { createContract } from '../support/contract.ts'
import { door } from '../support/door.ts'

/**
 * The contract through the Web door: the same cases as through Node's, on a server that makes a Web request of each
 * connection. Every answer is held to what the OpenAPI document says of its route. Left out are files that don't come by the API's door: `own-route` and `shared-body` (middleware),
 * `private-files`; and `late`, whose `authenticate` looks into Node's request.
 */
door.name = 'web'
const contract = createContract()
globalThis.fetch = contract.fetch
after(() => {
  assert.deepEqual([...contract.unlisted].sort(), [], 'Codes that the description of the route lacks.')
  assert.ok(contract.seen.size > 60, `${contract.seen.size} answers`)
})
for (const name of [
  'access',
  'encodings.long',
  'media',
  'owners',
  'uploads-refused',
  'address.long',
  'announced-types.long',
  'closed',
  'compression',
  'credentials.long',
  'form-memory.long',
  'hostile.long',
  'metrics',
  'multer.long',
  'names',
  'no-multipart.long',
  'parts',
  'plain',
  'refused-file',
  'stopping',
  'stream.long',
  'uploads',
  'uploads-faults.long',
  'vanish.long',
  'videos.long',
  'workers',
]) {
  await import(`./${name}.test.ts`)
}
