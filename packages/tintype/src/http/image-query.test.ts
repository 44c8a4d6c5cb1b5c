import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TintypeError } from '../errors.ts'
import { formatFor, wantedImage } from './image-query.ts'

describe('the format of a picture', () => {
  const browsers = {
    'Chromium 153': 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
    'Firefox 140': 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
    'Safari 26':
      'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
    'a page that is opened':
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  }
  for (const [name, accept] of Object.entries(browsers)) {
    test(`is WebP for ${name}`, () => assert.equal(formatFor(accept), 'webp'))
  }

  for (const accept of [
    undefined,
    '',
    '*/*',
    'image/*',
    'image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
    'image/jpeg',
    'image/webp;q=0, */*',
    'image/webp;q=0.5, image/jpeg',
    'text/html',
    'image/webp;q=none, ,;;',
  ]) {
    test(`is JPEG for Accept: ${accept}`, () => assert.equal(formatFor(accept), 'jpeg'))
  }

  test('is AVIF for those that name nothing else', () => {
    assert.equal(formatFor('image/avif'), 'avif')
    assert.equal(formatFor('image/avif, image/jpeg;q=0.1'), 'jpeg')
  })

  test('goes by weight', () => {
    assert.equal(formatFor('image/jpeg;q=0.5, image/webp;q=0.6'), 'webp')
    assert.equal(formatFor('IMAGE/WebP'), 'webp')
  })
})

describe('what is asked for', () => {
  const wanted = (query: string, accept?: string) => wantedImage({ query, headers: { accept } })

  test('is a width and a format', () => {
    assert.deepEqual(wanted('w=640&format=avif'), { width: 640, format: 'avif', isNegotiated: false })
    assert.deepEqual(wanted('w=1', 'image/webp'), { width: 1, format: 'webp', isNegotiated: true })
    assert.deepEqual(wanted('v=0a1b&w=3840&x'), { width: 3840, format: 'jpeg', isNegotiated: true })
  })

  for (const query of [
    '',
    'w=',
    'w=0',
    'w=-1',
    'w=640px',
    'w=1e3',
    'w=640.5',
    'w=3841',
    'w=99999999999',
    'w=1&w=2',
  ]) {
    test(`has no width in ?${query}`, () => {
      assert.throws(
        () => wanted(query),
        (error) =>
          error instanceof TintypeError && error.code === 'invalid_parameter' && error.limit === 3840,
      )
    })
  }

  for (const query of [
    'format=',
    'format=gif',
    'format=WEBP',
    'format=webp&format=webp',
    'format=toString',
  ]) {
    test(`has no format in ?w=640&${query}`, () => {
      assert.throws(() => wanted(`w=640&${query}`), /^TintypeError: format has to be one of webp, jpeg, avif/)
    })
  }
})
