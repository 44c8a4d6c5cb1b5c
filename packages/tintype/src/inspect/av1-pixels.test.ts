import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clip } from '../../../../test/media/containers.ts'
import { av1PassBytes } from './av1-pixels.ts'
import { readHeif } from './heif.ts'

const box = (flags: number) => ({
  bytes: Buffer.from([0x81, 0, flags, 0]),
  box: { type: 'av1C', start: 0, end: 4 },
})

test('an AVIF takes memory by its bits and by its samples', () => {
  const named: [string, number][] = [
    ['8 bits, 4:2:0', 0x0c],
    ['8 bits, grey', 0x1c],
    ['8 bits, 4:2:2', 0x08],
    ['8 bits, 4:4:4', 0x00],
    ['10 bits, 4:2:0', 0x4c],
    ['12 bits, 4:4:4', 0x60],
  ]
  const found = named.map(([name, flags]) => {
    const { bytes, box: one } = box(flags)
    return [name, av1PassBytes(bytes, [one])]
  })
  assert.deepEqual(Object.fromEntries(found), {
    '8 bits, 4:2:0': 17,
    '8 bits, grey': 17,
    '8 bits, 4:2:2': 20,
    '8 bits, 4:4:4': 20,
    '10 bits, 4:2:0': 20,
    '12 bits, 4:4:4': 27,
  })
})

test('of several pictures the dearest counts; one that says nothing leaves it unknown', () => {
  const { bytes, box: one } = box(0x0c)
  assert.equal(av1PassBytes(bytes, [one, one]), 17)
  assert.equal(av1PassBytes(bytes, [one, undefined]), undefined)
  assert.equal(av1PassBytes(bytes, [{ ...one, end: 2 }]), undefined)
  assert.equal(av1PassBytes(bytes, []), undefined)
})

test('files say so', () => {
  assert.equal(readHeif(clip('10-bit.avif'), ['av01']).passBytes, 20)
  assert.equal(readHeif(clip('12-bit-444.avif'), ['av01']).passBytes, 27)
})
