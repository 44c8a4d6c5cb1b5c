/** Of a form as browsers send it, a route with `tintype.upload()` gets the text and the files that it got behind Multer. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import express from 'express'
import fc from 'fast-check'
import multer from 'multer'
import { createTintype } from '../../packages/tintype/src/index.ts'
import { fuzz } from '../support/fuzz.ts'

const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const boundary = '----WebKitFormBoundaryAb1_XyZ'

let url: string
let close: () => Promise<void>
before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ directory, authenticate: () => 'me', log })
  const app = express()
  const answer: express.RequestHandler = (req, res) => {
    const lists = Object.entries((req.files ?? req.media ?? {}) as Record<string, unknown[]>)
    const files = Object.fromEntries(
      lists.filter(([, list]) => list.length > 0).map(([name, list]) => [name, list.length]),
    )
    res.json({ body: req.body, files })
  }
  const required = false
  app.post('/ours', tintype.upload({ photo: { max: 2, required }, 'docs[]': { max: 3, required } }), answer)
  const fields = [
    { name: 'photo', maxCount: 2 },
    { name: 'docs[]', maxCount: 3 },
  ]
  app.post(
    '/multer',
    multer({ storage: multer.memoryStorage(), defParamCharset: 'utf8' }).fields(fields),
    answer,
  )
  app.use(((_error, _req, res, _next) => void res.status(400).end()) as express.ErrorRequestHandler)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = async () => {
    server.close()
    await tintype.close()
    await rm(directory, { recursive: true })
  }
})
after(() => close())

interface Part {
  name: string
  /** undefined: text. */
  filename?: string | undefined
  content: Buffer
}

const fileField = fc.constantFrom('photo', 'docs[]')
const textName = fc.constantFrom(
  'tags',
  'tags[]',
  'tags[a]',
  'user[name]',
  'user[name][]',
  'photo',
  'docs[]',
  'é 🐧',
)
const text = fc
  .constantFrom('', 'a', '{"id":1}', 'é 🐧', 'line\r\nline', 'x'.repeat(600))
  .map((all) => Buffer.from(all))
const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name: textName, content: text }) },
  {
    weight: 3,
    arbitrary: fc.record({
      name: fileField,
      filename: fc.constantFrom('a.gif', 'é"\r\n.gif'),
      content: fc.constant(gif),
    }),
  },
  // A file input that was left empty, also one that the route does not know.
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.oneof(fileField, fc.constant('other')),
      filename: fc.constant(''),
      content: fc.constant(Buffer.alloc(0)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constant('other'),
      filename: fc.constant('a.gif'),
      content: fc.constant(gif),
    }),
  },
)

/** As Chromium writes it. */
function write(parts: Part[]): Buffer<ArrayBuffer> {
  const quoted = (name: string) => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const chunks = parts.flatMap(({ name, filename, content }) => {
    const type = filename === '' ? 'application/octet-stream' : 'image/gif'
    const file = filename === undefined ? '' : `; filename="${quoted(filename)}"\r\nContent-Type: ${type}`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${file}\r\n\r\n`
    return [Buffer.from(head), content, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)])
}

async function post(path: string, body: Buffer<ArrayBuffer>): Promise<unknown> {
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  const response = await fetch(url + path, { method: 'POST', body, headers })
  const answer = await response.text()
  return response.ok ? JSON.parse(answer) : 'refused'
}

test('what browsers send arrives as it did behind Multer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
      const body = write(parts)
      assert.deepEqual(await post('/ours', body), await post('/multer', body))
    }),
    fuzz(60),
  )
})
