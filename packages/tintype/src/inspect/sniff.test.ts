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
  for (const type of ['free', 'wide', 'skip', 'mdat', 'moov', 'moof', 'ftyp']) {
    for (const start of ['\t\t\t\t', '\n\n\t ', '\r\n\r\n', '\t   ', 'The ', '\xc3\xa9 \n']) {
      assert.equal(seen(`${start}${type} for all\n`.padEnd(4100, 'caf\xc3\xa9 ')), undefined, start + type)
    }
  }
})

test('pictures and sound in boxes are no videos', () => {
  for (const brand of ['jp2 ', 'crx ', 'M4A ', 'M4B ']) {
    assert.equal(seen(`\0\0\0\x14ftyp${brand}\0\0\0\0${brand}`), undefined)
  }
  assert.equal(seen('\0\0\0\x0cjP  \r\n\x87\n'), undefined)
})

const ftyp = (...[major, ...others]: string[]) =>
  seen(`\0\0\0${String.fromCharCode(16 + 4 * others.length)}ftyp${major}\0\0\0\0${others.join('')}`)

test('pictures in boxes are known by all their brands', () => {
  for (const brand of ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']) {
    assert.equal(ftyp(brand, 'mif1'), 'image/heic')
    assert.equal(ftyp('mif1', brand), 'image/heic')
    assert.equal(ftyp('msf1', brand, 'iso8'), 'image/heic')
  }
  for (const brand of ['mif1', 'msf1', 'mif2', 'jpeg', 'avci', 'vvic', 'mif3']) {
    assert.equal(ftyp(brand), 'image/heif')
  }
  assert.equal(ftyp('avis', 'msf1', 'iso8'), 'image/avif')
  assert.equal(ftyp('mif1', 'avif', 'miaf'), 'image/avif')
  assert.equal(ftyp('tmap', 'avif', 'mif1'), 'image/avif')
  assert.equal(ftyp('XYZ1', 'mif1', 'heic'), 'image/heic')
  assert.equal(ftyp('isom', 'avif', 'iso2'), 'video/mp4')
  assert.equal(ftyp('XYZ1', 'isom', 'heic'), 'video/mp4')
})

test('JPEG XL, bare and in boxes', () => {
  assert.equal(seen('\xff\x0a\xfa\x1f'), 'image/jxl')
  assert.equal(seen('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl '), 'image/jxl')
})
