import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { assertSamePicture, clean } from '../../../../../test/media/clean.ts'
import { jpegSegment, withSegments } from '../../../../../test/media/exif.ts'
import { photo } from '../../../../../test/media/photos.ts'
import { leaks, privateXmp, secrets } from '../../../../../test/media/secrets.ts'
import { prefixes } from '../../metadata/jpeg-segments.ts'

const xmp = (packet: Buffer | string = privateXmp()) => jpegSegment(0xe1, prefixes.xmp, Buffer.from(packet))
let plain: Buffer
before(async () => {
  plain = await photo()
})
const cleanJpeg = (bytes: Buffer) => clean(bytes, 'image/jpeg')

describe('XMP in a JPEG', () => {
  const said = (bytes: Buffer) => bytes.toString('utf8')

  test('loses attributes and elements, and stays XML of the same length', async () => {
    const jpeg = withSegments(plain, [xmp()])
    const { bytes, found, position: where } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    assert.deepEqual(found, { location: true, identifiers: true, other: true })
    assert.ok(Math.abs((where?.latitude ?? 0) - 51.50735) < 1e-4)
    assert.match(said(bytes), /hdrgm:Version="1\.0"/)
    assert.match(said(bytes), /xmp:CreateDate="2026-11-28T12:34:56\+09:00"/)
    assert.match(said(bytes), /<rdf:li>Jürgen Example<\/rdf:li>/)
    assert.match(said(bytes), /<rdf:li>bridge<\/rdf:li><rdf:li> +<\/rdf:li>/)
    assert.doesNotMatch(said(bytes), /History|Thumbnails|GPS|City|maker:blob/)
    await assertSamePicture(jpeg, bytes)
  })

  for (const swapped of [false, true]) {
    test(`in UTF-16, ${swapped ? 'big' : 'little'}-endian`, async () => {
      const packet = Buffer.from(`\ufeff${privateXmp()}`, 'utf16le')
      const { bytes } = await cleanJpeg(withSegments(plain, [xmp(swapped ? packet.swap16() : packet)]))
      assert.deepEqual(leaks(bytes), [])
      const text = Buffer.from(
        bytes.subarray(6 + prefixes.xmp.length, 6 + prefixes.xmp.length + packet.length),
      )
      assert.match((swapped ? text.swap16() : text).toString('utf16le'), /Jürgen Example/)
    })
  }

  test('under any prefix, and with entities', async () => {
    const packet = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
      xmlns:e="http&#58;//ns.adobe.com/exif/1.0/" e:GPSLatitude="51,30.441N"/><rdf:Description
      xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>at 51&#46;507351, -0.127758</dc:title></rdf:Description></rdf:RDF>`
    const { bytes, found } = await cleanJpeg(withSegments(plain, [xmp(packet)]))
    assert.ok(found.location)
    assert.doesNotMatch(said(bytes), /GPSLatitude|507351/)
    assert.match(said(bytes), /<dc:title> +<\/dc:title>/)
  })

  test('with the rest of a longer packet behind its end loses that rest', async () => {
    const rest = `</rdf:Bag><aux:SerialNumber>${secrets.serial}</aux:SerialNumber></x:xmpmeta><?xpacket end="w"?>`
    const { bytes, found } = await cleanJpeg(withSegments(plain, [xmp(`${privateXmp()}${rest}`)]))
    assert.deepEqual(leaks(bytes), [])
    assert.ok(found.other)
    assert.match(said(bytes), /<rdf:li>Jürgen Example<\/rdf:li>/)
    assert.doesNotMatch(said(bytes), /SerialNumber/)
  })

  for (const [what, packet] of [
    ['that is cut off', privateXmp().slice(0, 1500)],
    ['with tags that do not match', privateXmp().replace('</rdf:Bag>', '</rdf:Seq>')],
    ['with a document type', `<!DOCTYPE x [<!ENTITY s "${secrets.serial}">]>${privateXmp()}`],
    ['that is no XML', secrets.serial],
    ['in UTF-32', Buffer.concat([...secrets.serial].map((one) => Buffer.from([0, 0, 0, one.charCodeAt(0)])))],
  ] as const) {
    test(`${what} becomes spaces`, async () => {
      const { bytes, found } = await cleanJpeg(withSegments(plain, [xmp(packet)]))
      assert.deepEqual(leaks(bytes), [])
      assert.ok(found.other)
    })
  }

  test('that goes on in further segments is cleaned as one, and its digest written anew', async () => {
    const whole = Buffer.from(privateXmp().padEnd(100_000))
    const digest = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex').toUpperCase()
    const number = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])
    // One piece ends in the middle of a name that is to go.
    const cut = whole.indexOf('GPSLatitude') + 3
    const pieces = [0, cut, 60_000].map((start, index, all) => {
      const data = whole.subarray(start, all[index + 1])
      return jpegSegment(0xe1, prefixes.extendedXmp, digest(whole), number(whole.length), number(start), data)
    })
    const main = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
      rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${digest(whole)}"/></rdf:RDF></x:xmpmeta>`
    const jpeg = withSegments(plain, [xmp(main), ...pieces.toReversed()])
    const { bytes } = await cleanJpeg(jpeg)
    assert.deepEqual(leaks(bytes), [])
    const named = /HasExtendedXMP="(\w{32})"/.exec(bytes.toString('latin1'))?.[1]
    assert.notEqual(named, digest(whole))
    const again = pieces.map((piece) => {
      const at = jpeg.indexOf(piece)
      return bytes.subarray(at + 4 + prefixes.extendedXmp.length, at + piece.length)
    })
    assert.ok(again.every((piece) => piece.toString('latin1', 0, 32) === named))
    assert.equal(digest(Buffer.concat(again.map((piece) => piece.subarray(40)))), named)

    const incomplete = await cleanJpeg(withSegments(plain, [xmp(main), ...pieces.slice(1)]))
    assert.deepEqual(leaks(incomplete.bytes), [])
    assert.ok(incomplete.found.other)
  })
})
