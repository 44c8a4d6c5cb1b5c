import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownTypes } from '@tintype/protocol'
import { createLog, silentLog } from '../log.ts'
import { decodableTypes } from './optional-decoders.ts'

test('with the decoders that npm installs, all types are taken', () => {
  const { accept, missing } = decodableTypes(new Set(knownTypes), silentLog)
  assert.deepEqual([[...accept], missing.size], [[...knownTypes], 0])
})

test('types whose decoder is not installed are not taken, and the log says what to install', () => {
  const lines: string[] = []
  const log = createLog(
    (line) => lines.push(line),
    () => 0,
  )
  const only = (module: string) => (module.includes('jxl') ? ['/node_modules'] : undefined)
  const { accept, missing } = decodableTypes(new Set(knownTypes), log, only)
  assert.ok(!accept.has('image/heic') && !accept.has('image/heif') && accept.has('image/jxl'))
  assert.deepEqual(
    [...missing],
    [
      ['image/heic', 'libheif-js'],
      ['image/heif', 'libheif-js'],
    ],
  )
  assert.match(lines.join(), /decoder\.missing.*libheif-js.*npm install libheif-js/)
  assert.equal(lines.length, 1)
})

test('nothing is said of types that the app does not ask for', () => {
  const log = createLog(
    () => assert.fail(),
    () => 0,
  )
  assert.equal(decodableTypes(new Set(['image/png']), log, () => undefined).missing.size, 0)
})
