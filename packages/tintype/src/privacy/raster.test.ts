import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { assertSamePicture, clean } from '../../../../test/media/clean.ts'
import { animation, photo } from '../../../../test/media/photos.ts'
import { harmless, leaks, privateExif, privateXmp, secrets } from '../../../../test/media/secrets.ts'

describe('a PNG', () => {
  const chunk = (type: string, ...data: (string | Buffer)[]) => {
    const content = Buffer.concat([Buffer.from(type), ...data.map((one) => Buffer.from(one))])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length - 4)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(content))
    return Buffer.concat([length, content, checksum])
  }
  let plain: Buffer
  before(async () => {
    plain = await photo({ type: 'image/png' })
  })
  const withChunks = (...chunks: Buffer[]) =>
    Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)])
  const cleanPng = (bytes: Buffer) => clean(bytes, 'image/png')

  test('without anything private is left as it is', async () => {
    const { edits, unsure } = await cleanPng(
      withChunks(chunk('tEXt', 'Title\0A bridge'), chunk('tIME', '\0\0\0\0\0\0\0')),
    )
    assert.deepEqual(edits, [])
    assert.equal(unsure, undefined)
  })

  test('places in the names of texts go, in those of colours are told', async () => {
    const where = '51.507351, -0.127758'
    const texts = [chunk('tEXt', `${where}\0x`), chunk('iTXt', `Comment\0\0\0en\0${where}\0x`)]
    const { bytes, unsure } = await cleanPng(withChunks(...texts))
    assert.deepEqual([leaks(bytes), unsure], [[], undefined])
    assert.match((await cleanPng(withChunks(chunk('sPLT', `${where}\0\x08`)))).unsure ?? '', /unusual place/)
  })

  test('Exif, XMP and texts, compressed or not: what is private goes, and every checksum is right', async () => {
    const profile = deflateSync(`\nexif\n 10\n${Buffer.from(secrets.serial).toString('hex')}`)
    const png = withChunks(
      chunk('eXIf', privateExif()),
      chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0', privateXmp()),
      chunk('zTXt', 'Raw profile type exif\0\0', profile),
      chunk('iTXt', 'XML:com.adobe.xmp\0\x01\0\0\0', deflateSync(privateXmp())),
      chunk('zTXt', 'Comment\0\0', deflateSync('at 51.507351, -0.127758')),
      chunk('tEXt', `Serial Number\0${secrets.serial}`),
      chunk('tEXt', 'Author\0Ansel Example'),
      chunk('prVW', secrets.owner),
    )
    const { bytes, found, unsure } = await cleanPng(png)
    assert.equal(unsure, undefined)
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.deepEqual(leaks(bytes), [])
    for (const text of [harmless.date, harmless.lens, 'Author\0Ansel Example', 'hdrgm:Version'])
      assert.ok(bytes.includes(text))
    const types: string[] = []
    for (let at = 8; at < bytes.length; ) {
      const end = at + 12 + bytes.readUInt32BE(at)
      types.push(bytes.toString('latin1', at + 4, at + 8))
      assert.equal(bytes.readUInt32BE(end - 4), crc32(bytes.subarray(at + 4, end - 4)))
      at = end
    }
    assert.deepEqual(types.slice(1, 9), ['eXIf', 'iTXt', 'noNe', 'noNe', 'noNe', 'noNe', 'tEXt', 'noNe'])
    await assertSamePicture(png, bytes)
  })

  test('Content Credentials stay where nothing changes, and go with anything that does', async () => {
    const manifest = chunk('caBX', '\0\0\0\x20jumb\0\0\0\x18jumdc2pa claim of a program')
    const untouched = await cleanPng(withChunks(manifest))
    assert.deepEqual([untouched.credentials, untouched.edits], ['untouched', []])
    const changed = await cleanPng(withChunks(manifest, chunk('eXIf', privateExif())))
    assert.equal(changed.credentials, 'invalidated')
    assert.ok(!changed.bytes.includes('caBX') && !changed.bytes.includes('claim of'))
    const private_ = await cleanPng(withChunks(chunk('caBX', 'exif:GPSLatitude 51,30.441N')))
    assert.equal(private_.credentials, 'invalidated')
    assert.deepEqual(leaks(private_.bytes), [])
    const kept = await clean(withChunks(manifest, chunk('eXIf', privateExif())), 'image/png', {
      location: 'remove',
      identifiers: 'remove',
      credentials: 'keep',
    })
    assert.deepEqual([kept.credentials, kept.edits], ['untouched', []])
    assert.match(kept.unsure ?? '', /Content Credentials/)
  })

  test('a position or a serial number goes by its name alone', async () => {
    for (const name of [
      'lat',
      'lon',
      'Latitude',
      'longitude',
      'CameraSN',
      'SerialNumber',
      'SN',
      'Camera S/N',
    ]) {
      const { found, bytes } = await cleanPng(withChunks(chunk('tEXt', `${name}\0${'47.1234567'}`)))
      assert.ok(found.location || found.identifiers, name)
      assert.ok(!bytes.includes('47.1234567'), name)
    }
    for (const name of [
      'Title',
      'Salon',
      'Platform',
      'Lens',
      'parameters',
      'date:create',
      'Balloon',
      'dpi_lat_on',
    ]) {
      assert.deepEqual((await cleanPng(withChunks(chunk('tEXt', `${name}\x0047`)))).edits, [], name)
    }
  })

  test('bytes behind its end are told', async () => {
    assert.match((await cleanPng(Buffer.concat([plain, Buffer.from('more')]))).unsure ?? '', /unknown kind/)
  })
})

describe('a WebP', () => {
  const chunk = (type: string, data: Buffer | string) => {
    const content = Buffer.from(data)
    const head = Buffer.from(`${type}\0\0\0\0`)
    head.writeUInt32LE(content.length, 4)
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
  }

  test('Exif, XMP, unknown chunks and Content Credentials', async () => {
    const extended = await animation(2, 'image/webp')
    const webp = Buffer.concat([
      extended,
      chunk('EXIF', privateExif()),
      chunk('XMP ', privateXmp()),
      chunk('what', secrets.owner),
      chunk('C2PA', 'claim of a program'),
    ])
    webp.writeUInt32LE(webp.length - 8, 4)
    const { bytes, found, credentials, unsure } = await clean(webp, 'image/webp')
    assert.equal(unsure, undefined)
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.equal(credentials, 'invalidated')
    assert.deepEqual(leaks(bytes), [])
    assert.ok(!bytes.includes('claim of'))
    assert.ok(bytes.includes(harmless.lens))
    await assertSamePicture(webp, bytes)
  })

  test('without anything private is left as it is', async () => {
    assert.deepEqual((await clean(await photo({ type: 'image/webp' }), 'image/webp')).edits, [])
  })
})

describe('a GIF', () => {
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0])
  const block = (label: number, ...parts: string[]) =>
    Buffer.concat([
      Buffer.from([0x21, label]),
      ...parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')])),
      Buffer.from([0]),
    ])

  test('XMP, comments with coordinates and unknown applications; loops and other comments stay', async () => {
    const plain = await animation(3, 'image/gif')
    const start = 13 + ((plain[10] ?? 0) & 0x80 ? 3 * 2 ** (((plain[10] ?? 0) & 7) + 1) : 0)
    const gif = Buffer.concat([
      plain.subarray(0, start),
      Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'),
      Buffer.from(privateXmp()),
      trailer,
      block(0xff, 'NETSCAPE2.0', '\x01\0\0'),
      block(0xfe, 'Nice', ' bridge'),
      block(0xfe, 'at 51.507351, -0.127758'),
      block(0xff, 'MGKIPTC0000', secrets.city),
      plain.subarray(start),
    ])
    const { bytes, found, unsure } = await clean(gif, 'image/gif')
    assert.equal(unsure, undefined)
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.deepEqual(leaks(bytes), [])
    for (const text of ['hdrgm:Version', ' bridge', 'NETSCAPE2.0']) assert.ok(bytes.includes(text), text)
    await assertSamePicture(gif, bytes)
    assert.deepEqual((await clean(plain, 'image/gif')).edits, [])
  })

  test('texts that are shown, and blocks of unknown kinds', async () => {
    const plain = await animation(2, 'image/gif')
    const withBlock = (...blocks: Buffer[]) =>
      Buffer.concat([plain.subarray(0, -1), ...blocks, plain.subarray(-1)])
    const grid = '\0\0\0\0\x08\0\x08\0\x08\x08\x01\0'
    const gif = withBlock(block(0x01, grid, 'at 51.507351,', ' -0.127758'), block(0x42, secrets.serial))
    const { bytes, found, unsure } = await clean(gif, 'image/gif')
    assert.equal(unsure, undefined)
    assert.deepEqual(found, { location: true, identifiers: false, other: true })
    assert.deepEqual(leaks(bytes), [])
    assert.ok(!bytes.includes('51.507351') && bytes.includes(grid))
    assert.deepEqual((await clean(withBlock(block(0x01, grid, 'Nice bridge')), 'image/gif')).edits, [])
  })
})
