import { door } from '../support/door.ts'

// The rest of what test/http/web-door.test.ts has: the cases that take long.
door.name = 'web'
for (const name of ['hostile', 'parts', 'uploads', 'no-multipart', 'multer', 'announced-types', 'workers']) {
  await import(`./${name}.test.ts`)
}
