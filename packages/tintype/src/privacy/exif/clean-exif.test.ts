import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exifBlock } from '../../../../../test/media/exif.ts'
import { applyEdits } from '../cleaning.ts'
import { createFindings } from '../findings.ts'
import { cleanExif } from './clean-exif.ts'

const copyright = 'Me, and all who were there. '.repeat(5)

function clean(block: Buffer) {
  const findings = createFindings({ location: 'remove', identifiers: 'remove' })
  cleanExif(block, findings)
  const { edits, found } = findings.result()
  applyEdits(block, edits)
  return found
}

test('a text that goes because a serial number lies in it is told among what was removed', () => {
  const block = exifBlock([
    [0x8298, 2, copyright],
    [0xc62f, 2, 'SN0815'],
  ])
  const serial = 8 + 2 + 12
  const found = { location: false, identifiers: true, other: false }
  const whole = Buffer.from(block)
  assert.deepEqual(clean(whole), found)
  assert.ok(whole.includes(copyright))
  block.writeUInt32LE(block.indexOf(copyright) + 20, serial + 8)
  assert.deepEqual(clean(block), { ...found, other: true })
  assert.ok(!block.includes('Me, and all'))
})
