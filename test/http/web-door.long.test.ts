import { door } from '../support/door.ts'

// The contract through the Web door, as in web-door.test.ts: the cases that take long.
door.name = 'web'
for (const name of [
  'announced-types',
  'credentials',
  'hostile',
  'multer',
  'no-multipart',
  'parts',
  'stream.long',
  'uploads',
  'uploads-faults.long',
  'vanish.long',
  'workers',
]) {
  await import(`./${name}.test.ts`)
}
