/** Random requests to `/api/files`: never 500, no acknowledged byte is lost, no other file comes of it, nothing is left. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import fc from 'fast-check'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { type BucketServer, startBucketServer } from '../support/bucket-server.ts'
import { sha256 } from '../support/direct.ts'
import { fuzz } from '../support/fuzz.ts'
import { until } from '../support/until.ts'

let setting: BucketServer
let files: Buffer[]
before(async () => {
  setting = await startBucketServer({ SWEEP_GRACE: '0', UPLOAD_DEADLINE: '3' })
  files = [await photo(), await largeVideo(6 * 1024 * 1024)]
})
after(() => setting.stop())

interface Upload {
  path: string
  file: Buffer
  /** Bytes that were acknowledged. */
  told: number
  /** It was refused or cancelled, or a request that may have done so had no answer. */
  mayBeOver: boolean
  /** Its bytes are those of others. */
  isFinal: boolean
}

interface Step {
  speaks: 'tus' | 'draft'
  version: string
  act: 'create' | 'create with bytes' | 'append' | 'state' | 'cancel' | 'final'
  upload: number
  file: number
  size: number | 'rest'
  isLast: boolean
  isChunked: boolean
  isCut: boolean
  checksum: 'none' | 'right' | 'wrong'
  changes: { header: string; value: string | undefined }[]
  method: string | undefined
}

const numbers = [
  '-1',
  '0',
  '1',
  '7',
  '1e3',
  '0x10',
  ' 5',
  '5;a=1',
  '',
  'x',
  '9'.repeat(15),
  '9'.repeat(30),
  '1, 1',
]
const oddValues: Record<string, string[]> = {
  'tus-resumable': ['0.2.2', '1.0', '', 'x'],
  'upload-draft-interop-version': ['2', '3', '4', '7', '9', '8.0', '', 'x', '8, 8'],
  'upload-offset': numbers,
  'upload-length': numbers,
  'upload-complete': ['?1', '?0', '1', 'true', '', '?2', '?1;a=b'],
  'upload-incomplete': ['?1', '?0', ''],
  'upload-defer-length': ['1', '0', 'x'],
  'upload-concat': ['partial', 'final;', 'final;x', 'final;/api/files/x', 'other', ''],
  'upload-metadata': ['filename', 'filename !', 'a b,c d', ',', 'filename YQ==,filename YQ==', '\u00e9 YQ=='],
  'upload-checksum': ['sha1', 'sha1 x', 'md5 AAAA', 'crc32 AAAA', 'sha256 AAAA'],
  'content-digest': ['sha-256=:AAAA:', 'sha-256', '', 'sha-512=:!:', 'md5=:AAAA:', '__proto__=:AAAA:'],
  'repr-digest': ['sha-256=:AAAA:', 'x', ''],
  'content-type': [
    'text/plain',
    '',
    'application/partial-upload',
    'application/offset+octet-stream',
    'image/jpeg',
    '/',
  ],
  'content-encoding': ['gzip', 'identity'],
  'content-disposition': ['attachment', 'attachment; filename="a\\"b.jpg"', ';;'],
  'x-http-method-override': ['PATCH', 'HEAD', 'DELETE', 'POST', '__proto__'],
  expect: ['100-continue'],
}
const change = fc.constantFrom(...Object.keys(oddValues)).chain((header) =>
  fc.record({
    header: fc.constant(header),
    value: fc.constantFrom(undefined, ...(oddValues[header] as string[])),
  }),
)
const step: fc.Arbitrary<Step> = fc.record({
  speaks: fc.constantFrom('tus', 'draft'),
  version: fc.constantFrom('3', '5', '6', '8'),
  act: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('create', 'create with bytes') },
    { weight: 8, arbitrary: fc.constant('append') },
    { weight: 2, arbitrary: fc.constantFrom('state', 'cancel', 'final') },
  ) as fc.Arbitrary<Step['act']>,
  upload: fc.nat(3),
  file: fc.constantFrom(0, 0, 0, 1),
  size: fc.constantFrom(0, 1, 100, 1000, 300_000, 'rest', 'rest'),
  isLast: fc.boolean(),
  isChunked: fc.boolean(),
  isCut: fc.integer({ min: 0, max: 7 }).map((at) => at === 0),
  checksum: fc.constantFrom('none', 'none', 'none', 'right', 'wrong'),
  changes: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
  ),
  method: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    'PUT',
    'POST',
    'OPTIONS',
    'GET',
  ),
}) as fc.Arbitrary<Step>

/** What a request says, and the bytes that it brings: those of the file at the offset that it names. */
function requestOf(one: Step, uploads: Upload[]) {
  const upload = uploads[one.upload % Math.max(1, uploads.length)]
  const creates = one.act === 'create' || one.act === 'create with bytes' || one.act === 'final'
  const file = (creates ? undefined : upload?.file) ?? (files[one.file] as Buffer)
  const isTus = one.speaks === 'tus'
  const headers: Record<string, string> = isTus
    ? { 'tus-resumable': '1.0.0' }
    : { 'upload-draft-interop-version': one.version }
  const hasBody = one.act === 'append' || one.act === 'create with bytes'
  if (creates && one.act !== 'final') headers['upload-length'] = String(file.length)
  if (one.act === 'append') headers['upload-offset'] = String(upload?.told ?? 0)
  if (one.act === 'final') headers['upload-concat'] = `final;${uploads.map(({ path }) => path).join(' ')}`
  if (!isTus && (hasBody || creates)) {
    if (one.version === '3') headers['upload-incomplete'] = one.isLast ? '?0' : '?1'
    else headers['upload-complete'] = one.isLast ? '?1' : '?0'
  }
  if (hasBody)
    headers['content-type'] = isTus
      ? 'application/offset+octet-stream'
      : creates
        ? 'image/jpeg'
        : 'application/partial-upload'
  for (const { header, value } of one.changes) {
    if (value === undefined) delete headers[header]
    else headers[header] = value
  }
  const offset = creates ? 0 : Number.parseInt(headers['upload-offset'] ?? '0', 10) || 0
  const from = Math.min(Math.max(offset, 0), file.length)
  const body = hasBody ? file.subarray(from, one.size === 'rest' ? file.length : from + one.size) : undefined
  if (body && one.checksum !== 'none') {
    const digest = createHash('sha256')
      .update(body)
      .update(one.checksum === 'right' ? '' : 'x')
      .digest('base64')
    if (isTus) headers['upload-checksum'] ??= `sha256 ${digest}`
    else headers['content-digest'] ??= `sha-256=:${digest}:`
  }
  const usual = { append: 'PATCH', state: 'HEAD', cancel: 'DELETE' } as const
  const method = one.method ?? (creates ? 'POST' : usual[one.act as keyof typeof usual])
  const path = creates ? '/api/files' : (upload?.path ?? '/api/files/AAAAAAAAAAAAAAAAAAAAAA')
  return { method, path, headers, body, file, upload: creates ? undefined : upload }
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** @returns undefined where the connection ended without an answer */
function send(
  { method, path, headers, body }: Pick<ReturnType<typeof requestOf>, 'method' | 'path' | 'headers' | 'body'>,
  { isChunked, isCut }: Pick<Step, 'isChunked' | 'isCut'>,
): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
  const framing: Record<string, string> = isChunked ? {} : { 'content-length': String(body?.length ?? 0) }
  const req = request(setting.server.url + path, { method, headers: { ...headers, ...framing } })
  /** An interim answer has told it, whatever comes of the rest. */
  let location: string | undefined
  const noAnswer = () => resolve(location ? { status: 104, headers: { location }, text: '' } : undefined)
  req.on('information', ({ headers }) => {
    if (typeof headers.location === 'string') location = headers.location
  })
  req.on('error', noAnswer)
  req.on('response', async (res) => {
    let text = ''
    try {
      for await (const chunk of res.setEncoding('utf8')) text += chunk as string
    } catch {
      return noAnswer()
    }
    const headers = { ...res.headers, location: res.headers.location ?? location }
    resolve({ status: res.statusCode ?? 0, headers, text })
  })
  if (!isCut || !body || body.length < 2) {
    req.end(body)
  } else {
    req.write(body.subarray(0, body.length >> 1), () => setTimeout(() => req.destroy(), 5))
  }
  return promise
}

const plain = { isChunked: false, isCut: false }
const tus = { 'tus-resumable': '1.0.0' }

async function carryOut(one: Step, uploads: Upload[]): Promise<void> {
  const asked = requestOf(one, uploads)
  const { upload, file } = asked
  const answer = await send(asked, one)
  const what = `${asked.method} ${asked.path} ${JSON.stringify(asked.headers)}`
  if (!answer) {
    for (const each of uploads) each.mayBeOver = true
    return
  }
  const { status, headers, text } = answer
  assert.ok(status < 500, `${what} answered ${status}: ${text}`)
  if (headers.location?.includes('/api/files/')) {
    const path = new URL(headers.location, setting.server.url).pathname
    const isFinal = String(asked.headers['upload-concat'] ?? '').startsWith('final')
    uploads.push({
      path,
      file,
      told: Number(headers['upload-offset'] ?? 0),
      mayBeOver: status !== 201,
      isFinal,
    })
    // Pieces go when they are put together.
    if (isFinal) for (const each of uploads) each.mayBeOver = true
  }
  if (!upload) return
  const offset = Number(headers['upload-offset'])
  if (status < 300 && Number.isSafeInteger(offset)) {
    assert.ok(offset >= upload.told, `${what}: ${upload.told} bytes were acknowledged, now ${offset}`)
    upload.told = offset
  }
  const isDeletion = asked.method === 'DELETE' || asked.headers['x-http-method-override'] === 'DELETE'
  if (isDeletion || [410, 413, 415, 422].includes(status)) upload.mayBeOver = true
}

/** It is there with all that was acknowledged, is media with the bytes that were sent, or has ended for a reason. */
async function look({ path, file, told, mayBeOver, isFinal }: Upload): Promise<void> {
  const ask = { method: 'HEAD', path, headers: tus, body: undefined }
  const answer = await until(async () => {
    const found = await send(ask, plain)
    return found && ![409, 423].includes(found.status) ? found : undefined
  })
  assert.ok(answer)
  const { status, headers } = answer
  assert.ok(status === 200 || mayBeOver, `${path} is not there any more: ${status}`)
  if (status !== 200) return
  const length = Number(headers['upload-offset'])
  assert.ok(length >= told, `${path}: ${told} bytes were acknowledged, and ${length} are there`)
  const location = headers['content-location']
  if (location?.includes('/media/') && !isFinal) {
    const media = (await (await fetch(setting.server.url + location)).json()) as Media
    assert.equal(media.sentSha256 ?? media.sha256, sha256(file.subarray(0, length)))
  }
}

test('any sequence of requests to /api/files', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const uploads: Upload[] = []
      for (const one of steps) await carryOut(one, uploads)
      for (const upload of uploads) await look(upload)
      for (const { path } of uploads) {
        const answer = await send({ method: 'DELETE', path, headers: tus, body: undefined }, plain)
        assert.ok(answer && answer.status < 500)
      }
      await setting.clean()
      const left = async () => [...(await setting.keys()), ...(await setting.openUploads())]
      await until(left, (found) => found.length === 0)
    }),
    fuzz(40),
  )
})
