import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sniff } from './sniff.ts'

const seen = (head: string) => sniff(Buffer.from(head, 'latin1'))

test('movies without ftyp are QuickTime, pieces of a stream MP4', () => {
  for (const type of ['moov', 'wide', 'free', 'skip', 'pnot']) {
    assert.equal(seen(`\0\0\0\x08${type}`), 'video/quicktime')
  }
  assert.equal(seen('\x7f\0\0\0mdat'), 'video/quicktime')
  assert.equal(seen('\0\0\0\x18stypmsdh'), 'video/mp4')
  assert.equal(seen('\0\0\0\x18moof\0\0\0\x10mfhd'), 'video/mp4')
})

test('padding may come before ftyp', () => {
  assert.equal(seen('\0\0\0\x08free\0\0\0\x14ftypisom\0\0\0\0mp41'), 'video/mp4')
  assert.equal(seen('\0\0\0\x08free\0\0\0\x14ftypavif\0\0\0\0mif1'), 'image/avif')
})

test('text that has the letters of a box is text', () => {
  for (const text of ['Not free of charge', 'The skipper', 'far wide', 'a free', 'the moov']) {
    assert.equal(seen(text), undefined)
  }
})

test('pictures and sound in boxes are no videos', () => {
  for (const brand of ['heic', 'mif1', 'jp2 ', 'crx ', 'M4A ', 'M4B ']) {
    assert.equal(seen(`\0\0\0\x14ftyp${brand}\0\0\0\0${brand}`), undefined)
  }
  assert.equal(seen('\0\0\0\x0cJXL \r\n\x87\n'), undefined)
  assert.equal(seen('\0\0\0\x0cjP  \r\n\x87\n'), undefined)
})
