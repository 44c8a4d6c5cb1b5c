import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exifBlock } from '../../../../../test/media/exif.ts'
import { leaks, privateExif, secrets } from '../../../../../test/media/secrets.ts'
import { applyEdits } from '../cleaning.ts'
import { createFindings } from '../findings.ts'
import { cleanExif } from './clean-exif.ts'

function cleaned(
  makerNote: Buffer,
  make: string,
  change: (block: Buffer, note: number) => void = () => {},
): { bytes: Buffer; note: Buffer } {
  const block = privateExif({ makerNote, make, littleEndian: false })
  const at = block.indexOf(makerNote)
  change(block, at)
  const findings = createFindings({ location: 'remove', identifiers: 'remove' })
  cleanExif(block, findings)
  applyEdits(block, findings.result().edits)
  const again = createFindings({ location: 'remove', identifiers: 'remove' })
  cleanExif(block, again)
  assert.deepEqual(again.result().edits, [])
  assert.deepEqual(leaks(block), [])
  return { bytes: block, note: block.subarray(at, at + makerNote.length) }
}

describe('maker notes', () => {
  test('of Apple keep what pairs a Live Photo and shows the gain map', () => {
    const directory = exifBlock(
      [
        [0x0011, 2, '0F6B7C2E-PAIR'],
        [0x0015, 2, secrets.uniqueId],
        [0x0021, 10, [[1_234, 1_000]]],
        [0x0030, 10, [[-37, 100]]],
        [0x7777, 2, secrets.serial],
      ],
      { littleEndian: false },
    )
    // Its offsets count from the beginning of the note, six bytes before those of a block.
    const header = Buffer.from('Apple iOS\0\0\x01MM', 'latin1')
    const note = Buffer.concat([header, directory.subarray(8)])
    for (let entry = 16; entry < 16 + 5 * 12; entry += 12)
      note.writeUInt32BE(note.readUInt32BE(entry + 8) + 6, entry + 8)
    const { note: left } = cleaned(note, 'Apple')
    assert.equal(left.toString('latin1', 0, 14), header.toString('latin1'))
    assert.equal(left.readUInt16BE(14), 3)
    assert.deepEqual(
      [0, 1, 2].map((index) => left.readUInt16BE(16 + index * 12)),
      [0x0011, 0x0021, 0x0030],
    )
    assert.ok(left.includes('0F6B7C2E-PAIR'))
    assert.equal(left.readInt32BE(left.readUInt32BE(16 + 2 * 12 + 8)), -37)
  })

  test('keep their bytes where the pointer to another directory leads into them', () => {
    const directory = exifBlock([[0x0011, 2, '0F6B7C2E-PAIR']], { littleEndian: false })
    const note = Buffer.concat([Buffer.from('Apple iOS\0\0\x01MM', 'latin1'), directory.subarray(8)])
    note.writeUInt32BE(note.readUInt32BE(24) + 6, 24)
    for (const into of [0, 9, 12, 20]) {
      const { bytes, note: left } = cleaned(note, 'Apple', (block, at) => {
        const gps = block.indexOf('8825000400000001', 'hex')
        block.writeUInt32BE(at + into, gps + 8)
      })
      assert.ok(left.equals(note) || left.every((byte) => byte === 0), `${into}: the note, or nothing of it`)
      assert.equal(bytes.indexOf('8825000400000001', 'hex'), -1)
    }
  })

  test('go with a directory that lies in another one', () => {
    for (const offset of [9, 61, 73, 85]) {
      const { note } = cleaned(Buffer.from('SN0815 and more'), 'Other', (block) => {
        const pointer = block.indexOf('8769000400000001', 'hex')
        block.writeUInt32BE(offset, pointer + 8)
      })
      assert.ok(note.every((byte) => byte === 0))
    }
  })

  test('of Nikon keep the lens, in the block of their own', () => {
    const inner = exifBlock([
      [0x0001, 7, Buffer.from('0211')],
      [0x001d, 2, secrets.serial],
      [
        0x0084,
        5,
        [
          [24, 1],
          [70, 1],
          [28, 10],
          [28, 10],
        ],
      ],
      [0x0098, 7, Buffer.from('0204 encrypted by the serial number')],
    ])
    const { note } = cleaned(
      Buffer.concat([Buffer.from('Nikon\0\x02\x10\0\0', 'latin1'), inner]),
      'NIKON CORPORATION',
    )
    assert.equal(note.readUInt16LE(18), 2)
    assert.ok(!note.includes('encrypted'))
    assert.equal(note.readUInt32LE(10 + note.readUInt32LE(20 + 12 + 8)), 24)
  })

  test('of makers that are not known, and broken ones, go as a whole', () => {
    for (const [note, make] of [
      [Buffer.from(`NEWMAKER\0${secrets.serial}`), 'Newmaker'],
      [Buffer.from(`Apple iOS\0\0\x01MM\xff\xff${secrets.serial}`, 'latin1'), 'Apple'],
      [Buffer.from(`Nikon\0\x02\x10\0\0II*\0\xff\xff\xff\xff${secrets.serial}`, 'latin1'), 'NIKON'],
    ] as const) {
      const { note: left } = cleaned(note, make)
      assert.ok(
        left.every((byte) => byte === 0),
        make,
      )
    }
  })
})
