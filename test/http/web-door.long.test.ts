import { door } from '../support/door.ts'

// The contract through the Web door, as in web-door.test.ts: the cases that take long.
door.name = 'web'
for (const name of [
  'address',
  'announced-types',
  'closed',
  'compression',
  'credentials',
  'form-memory',
  'hostile',
  'metrics',
  'multer',
  'names',
  'no-multipart',
  'parts',
  'plain',
  'refused-file',
  'stopping',
  'stream.long',
  'uploads',
  'uploads-faults.long',
  'vanish.long',
  'videos',
  'workers',
]) {
  await import(`./${name}.test.ts`)
}
