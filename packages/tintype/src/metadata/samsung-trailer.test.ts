import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samsungDirectory, samsungTrailer } from '../../../../test/media/samsung.ts'
import { readSamsungTrailer } from './samsung-trailer.ts'

test('blocks have a type, a name and data', () => {
  const picture = Buffer.from('a picture')
  const blocks = [
    { type: 0x0a01, name: 'Image_UTC_Data', data: Buffer.from('1764331200000') },
    { type: 0x0a30, name: 'MotionPhoto_Data', data: Buffer.from('a clip') },
  ]
  const bytes = Buffer.concat([picture, samsungTrailer(blocks)])
  const { blocks: found, nextBlock, start } = readSamsungTrailer(bytes) ?? assert.fail()
  const seen = [...found.values()].map(({ type, name, start, end }) => ({
    type,
    name,
    data: bytes.subarray(start, end),
  }))
  assert.deepEqual(seen, blocks)
  const [first, second] = found.keys()
  assert.deepEqual([first, nextBlock(0), nextBlock(first ?? 0)], [picture.length, first, second])
  assert.equal(bytes.toString('latin1', start, start + 4), 'SEFH')
})

test('no trailer, and one that is cut off', () => {
  const whole = samsungTrailer([{ name: 'MotionPhoto_Data', data: Buffer.alloc(9) }])
  for (let length = 0; length < whole.length; length++) {
    assert.equal(readSamsungTrailer(whole.subarray(0, length)), undefined)
    assert.equal(readSamsungTrailer(whole.subarray(length)) === undefined, length > whole.length - 32)
  }
})

test('a directory that speaks of a million blocks, each of them the whole file, costs no more than the file', () => {
  const file = Buffer.alloc(300_000, 0xff)
  // A block has the length of its name at its fifth byte.
  for (let at = 0; at + 8 < 4096; at += 8) file.writeUInt32LE(at % 3 === 0 ? 20 : file.length, at + 4)
  const entries = Array.from({ length: 100_000 }, (_, index) => {
    const before = file.length - ((index * 8) % 4096)
    return { type: 0x0a30, before, length: before }
  })
  const { blocks } = readSamsungTrailer(Buffer.concat([file, samsungDirectory(entries)])) ?? assert.fail()
  let last = 0
  for (const [at, { name, start, end }] of blocks) {
    assert.ok(at >= last && start >= at && end >= start && name.length <= 256)
    last = end
  }
  assert.ok(last <= file.length && blocks.size >= 1)
})
