import { door } from '../support/door.ts'

/** The contract through the Web door where the server tells Node's request, too: what has to do with bodies. */
door.name = 'hono'
for (const name of [
  'encodings.long',
  'media',
  'uploads-refused',
  'compression',
  'form-memory.long',
  'hostile.long',
  'names',
  'parts',
  'refused-file',
  'stopping',
  'stream.long',
  'vanish.long',
]) {
  await import(`./${name}.test.ts`)
}
