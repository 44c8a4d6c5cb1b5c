import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ExifDirectory, exifBlock } from '../../../../test/media/exif.ts'
import { numbersOf, readTiff, textOf } from './tiff.ts'

const gps: ExifDirectory = [
  [0x0001, 2, 'N'],
  [
    0x0002,
    5,
    [
      [51, 1],
      [30, 1],
      [15, 2],
    ],
  ],
]
const exif: ExifDirectory = [
  [0x9003, 2, '2026:11:28 12:00:00'],
  [0x9204, 10, [[-1, 3]]],
  [0xa431, 2, 'SN-1234567'],
  [0xa005, 4, [[0x0001, 2, 'R98']]],
]
const block = (littleEndian: boolean) =>
  exifBlock(
    [
      [0x0112, 3, [6]],
      [0x8769, 4, exif],
      [0x8825, 4, gps],
    ],
    {
      ifd1: [[0x0103, 3, [6]]],
      littleEndian,
    },
  )

describe('readTiff', () => {
  for (const littleEndian of [true, false]) {
    test(`finds every directory and value, ${littleEndian ? 'little' : 'big'}-endian`, () => {
      const tiff = readTiff(block(littleEndian))
      assert.ok(tiff)
      assert.equal(tiff.damage, undefined)
      const names = tiff.directories.map(({ name }) => name)
      assert.deepEqual(names, ['IFD0', 'Exif', 'Interop', 'GPS', 'IFD1'])
      const values = tiff.directories.flatMap(({ entries }) =>
        entries.map((entry) => [entry.tag, entry.type === 2 ? textOf(tiff, entry) : numbersOf(tiff, entry)]),
      )
      const found = new Map(values as [number, unknown][])
      assert.deepEqual(found.get(0x0112), [6])
      assert.deepEqual(found.get(0x0002), [51, 30, 7.5])
      assert.deepEqual(found.get(0x9204), [-1 / 3])
      assert.equal(found.get(0xa431), 'SN-1234567')
      assert.equal(found.get(0x0001), 'N')
    })
  }

  test('a directory that points to itself or to one that was read is read once', () => {
    const bytes = exifBlock([
      [0x8825, 4, [8]],
      [0x8769, 4, [8]],
    ])
    bytes.writeUInt32LE(8, 8 + 2 + 2 * 12)
    assert.equal(readTiff(bytes)?.directories.length, 1)
  })

  test('what lies outside of the block is told, and the rest is read', () => {
    const whole = block(true)
    for (let length = 0; length < whole.length; length++) {
      const tiff = readTiff(whole.subarray(0, length))
      const values = tiff?.directories.flatMap(({ entries }) => entries) ?? []
      assert.ok(values.every(({ offset, length: size }) => offset + size <= length))
      if (tiff && length < whole.length - 4) assert.notEqual(tiff.damage, undefined, `${length} bytes`)
    }
  })

  test('no directory is read from the header: the cleaner would write over it', () => {
    const bytes = block(true)
    for (const offset of [1, 7]) {
      bytes.writeUInt32LE(offset, 4)
      const tiff = readTiff(bytes)
      assert.deepEqual(tiff?.directories, [])
      assert.match(tiff?.damage ?? '', /in its header/)
    }
  })

  test('what does not begin as a TIFF file is none', () => {
    assert.equal(readTiff(Buffer.from('II*')), undefined)
    assert.equal(readTiff(Buffer.from('IIxx\0\0\0\x08')), undefined)
  })

  test('a text is read up to its zero byte, as UTF-8 or else as Latin-1', () => {
    const text = (value: Buffer) => {
      const tiff = readTiff(exifBlock([[0x010f, 2, value]]))
      assert.ok(tiff)
      return textOf(tiff, tiff.directories[0]?.entries[0] ?? assert.fail())
    }
    assert.equal(text(Buffer.from('Ricoh \0\0GR')), 'Ricoh')
    assert.equal(text(Buffer.from('Zürich', 'utf8')), 'Zürich')
    assert.equal(text(Buffer.from('Zürich', 'latin1')), 'Zürich')
  })
})
