import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, findKnown, isSupported, typeByBytes } from './check.ts'
import { createLibrary } from './library.ts'
import { sha256 } from './sha256.ts'
import { json, mediaOf, problem, startServer } from './testing/server.ts'

const file = (bytes: string, name = 'a.jpg', type = 'image/jpeg') =>
  new File([Buffer.from(bytes, 'latin1')], name, { type })

test('a type is told by the bytes, whatever the name says', async () => {
  const types: Record<string, string> = {
    '\xff\xd8\xff\xe0': 'image/jpeg',
    '\x89PNG\r\n\x1a\n': 'image/png',
    GIF89a: 'image/gif',
    'RIFF\x10\0\0\0WEBPVP8 ': 'image/webp',
    '\0\0\0\x18ftypheic\0\0\0\0mif1heic': 'image/heic',
    '\0\0\0\x18ftypavif\0\0\0\0avifmif1': 'image/avif',
    '\0\0\0\x14ftypqt  \0\0\0\0qt  ': 'video/quicktime',
    '\0\0\0\x18ftypisom\0\0\x02\0isommp41': 'video/mp4',
    '\x1aE\xdf\xa3\x9fB\x82\x84webm': 'video/webm',
    '\x1aE\xdf\xa3\x9fB\x82\x88matroska': 'video/matroska',
    '\xff\n': 'image/jxl',
  }
  for (const [bytes, type] of Object.entries(types)) assert.equal(await typeByBytes(file(bytes)), type)
  assert.equal(await typeByBytes(file('%PDF-1.7')), undefined)
})

test('what the server would refuse is said before a byte is sent, in words and as a number', async () => {
  const jpeg = file(`\xff\xd8\xff${'x'.repeat(100)}`, 'no-extension', '')
  assert.equal(await check(jpeg), undefined)
  assert.deepEqual(await check(file('')), { code: 'empty_file', message: 'The file is empty.' })
  assert.equal((await check(file('MZ', 'holiday.jpg')))?.code, 'unsupported_type')
  assert.equal((await check(jpeg, { accept: ['image/png'] }))?.code, 'unsupported_type')
  const large = await check(jpeg, { imageBytes: 50 })
  assert.deepEqual([large?.code, large?.limit], ['file_too_large', 50])
  assert.equal(await check(jpeg, { videoBytes: 50 }), undefined)
  assert.equal(isSupported(), true)
})

test('files that are there already are found by their SHA-256, before they are sent', async () => {
  const [one, two, three] = [file('one'), file('two'), file('three')]
  const there = { ...mediaOf('old.jpg'), sentSha256: await sha256(two) }
  await using server = await startServer(
    (response) => json(response, 200, { media: [there], next: null }),
    problem(503, 'overloaded', 'Not now.'),
  )
  const library = createLibrary({ endpoint: server.endpoint })
  const told = new Map<File, string>()
  const known = await findKnown([one, two, three], library, { onHash: (file, hash) => told.set(file, hash) })
  assert.deepEqual([...known], [[two, there]])
  const hashes = await Promise.all([one, two, three].map(sha256))
  assert.deepEqual([...told.values()], hashes)
  assert.equal(server.seen[0]?.url, `/api/media?limit=100&sha256=${hashes.join('%2C')}`)
  assert.equal((await findKnown([one], library)).size, 0, 'where the server can’t be asked, all are new')
})

test('a search for files that is given up ends at once, whatever the server does', async () => {
  await using server = await startServer(() => {})
  const controller = new AbortController()
  const library = createLibrary({ endpoint: server.endpoint })
  const asked = findKnown([file('a')], library, {
    signal: controller.signal,
    onHash: () => setImmediate(() => controller.abort(new Error('enough'))),
  })
  await assert.rejects(asked, { message: 'enough' })
})
