import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nameFromMulter } from './multer-name.ts'

const asMulterReads = (name: string) => Buffer.from(name).toString('latin1')

describe('a name from Multer', () => {
  for (const name of ['a.jpg', 'für.jpg', '東京.jpg', '👍.png', ''])
    test(`${name} is itself, whether Multer was told that names are UTF-8 or not`, () => {
      assert.equal(nameFromMulter(asMulterReads(name)), name)
      assert.equal(nameFromMulter(name), name)
    })

  test('that was sent in Latin-1 stays as it is', () => {
    assert.equal(nameFromMulter('für.jpg'), 'für.jpg')
    assert.equal(nameFromMulter('Ã.jpg'), 'Ã.jpg')
  })
})
