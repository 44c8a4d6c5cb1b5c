import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chunked } from '../testing/sign.ts'
import { createChunkDecoder } from './aws-chunked.ts'

function decode(body: Buffer, pieceSize: number, trailer = true) {
  const decoder = createChunkDecoder(undefined, trailer)
  const data: Buffer[] = []
  for (let at = 0; at < body.length; at += pieceSize)
    data.push(...decoder.push(body.subarray(at, at + pieceSize)))
  return { data: Buffer.concat(data), trailers: decoder.finish() }
}

test('however the network cuts a body, its chunks and trailers come out the same', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (chunks, pieceSize) => {
      const body = chunked(chunks, 'X-Amz-Checksum-CRC32: abc= ')
      const { data, trailers } = decode(body, pieceSize)
      assert.deepEqual(data, Buffer.concat(chunks))
      assert.deepEqual([...trailers], [['x-amz-checksum-crc32', 'abc=']])
    }),
  )
})

test('a body that ends early is IncompleteBody, wherever it ends', () => {
  const body = chunked([Buffer.from('some data'), Buffer.from('more')], 'a:b')
  for (let end = 0; end < body.length; end++) {
    assert.throws(() => decode(body.subarray(0, end), 7), { code: 'IncompleteBody' }, `${end} bytes`)
  }
})

test('what is not of the form is refused', () => {
  const bad = [
    '',
    'x\r\n',
    '-1\r\n',
    '4;other=1\r\ndata\r\n0\r\n\r\n',
    '3\r\ndata\r\n0\r\n\r\n',
    `${'0'.repeat(9000)}`,
  ]
  for (const body of bad)
    assert.throws(() => decode(Buffer.from(body), 100), { name: 'S3Error' }, body.slice(0, 20))
  assert.throws(() => decode(Buffer.from('0\r\n\r\nmore'), 100), { code: 'IncompleteBody' })
  assert.throws(() => decode(Buffer.from('0\r\nno colon\r\n\r\n'), 100), { code: 'MalformedTrailerError' })
  assert.throws(() => decode(Buffer.from(`0\r\na:${'b'.repeat(9000)}\r\n\r\n`), 100), { name: 'S3Error' })
  assert.throws(() => decode(chunked([], 'a:b'), 100, false), { code: 'MalformedTrailerError' })
})
