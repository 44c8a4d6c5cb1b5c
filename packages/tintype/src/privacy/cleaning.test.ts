import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromMemory } from './cleaning.ts'
import { createFindings } from './findings.ts'
import { planCleaning } from './plan-cleaning.ts'

const remove = { location: 'remove', identifiers: 'remove' } as const

describe('planCleaning', () => {
  test('a format that no cleaner knows is left alone, and counts as unsure', async () => {
    const cleaning = await planCleaning(fromMemory(Buffer.from('x')), 'application/x-unknown', remove)
    assert.deepEqual(cleaning.edits, [])
    assert.match(cleaning.unsure ?? '', /application\/x-unknown/)
  })
})

describe('findings', () => {
  test('are removed by their kind, told whether they are removed or not', () => {
    const findings = createFindings({ location: 'remove', identifiers: 'keep' })
    findings.at(100).erase('location', 5, 2)
    findings.at(100).erase('identifiers', 50, 2)
    findings.at(200).at(10).overwrite('other', 1, Buffer.from('abc'))
    const { edits, found } = findings.result()
    assert.deepEqual(
      edits.map(({ offset, bytes }) => [offset, bytes.length]),
      [
        [105, 2],
        [211, 3],
      ],
    )
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
  })

  test('edits come in order, and never twice for one byte', () => {
    const findings = createFindings(remove)
    findings.edit(10, Buffer.from('bbbb'))
    findings.edit(4, Buffer.from('aaaa'))
    findings.edit(12, Buffer.from('cccc'))
    findings.edit(11, Buffer.from('d'))
    assert.deepEqual(
      findings.result().edits.map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString()]),
      [
        [4, 'aaaa'],
        [10, 'bbbb'],
        [14, 'cc'],
      ],
    )
  })
})
