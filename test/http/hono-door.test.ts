import { door } from '../support/door.ts'

/** The contract through the Web door where the server tells Node's request, too: what has to do with bodies. */
door.name = 'hono'
for (const name of ['encodings', 'media', 'uploads-refused']) {
  await import(`./${name}.test.ts`)
}
