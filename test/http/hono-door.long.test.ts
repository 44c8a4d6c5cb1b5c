import { door } from '../support/door.ts'

// As in hono-door.test.ts: the cases that take long.
door.name = 'hono'
for (const name of [
  'compression',
  'form-memory',
  'hostile',
  'names',
  'parts',
  'refused-file',
  'stopping',
  'stream.long',
  'vanish.long',
]) {
  await import(`./${name}.test.ts`)
}
