import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { savedName } from '@tintype/protocol'
import fc from 'fast-check'
import { fuzz } from '../../../../test/support/fuzz.ts'
import { displayName } from './name.ts'

const family = '👨‍👩‍👧'
const wales = '🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}'

describe('the name that is shown', () => {
  for (const [raw, shown] of [
    ['/etc/passwd', 'passwd'],
    ['C:\\photos\\a.jpg', 'a.jpg'],
    ['photos/', 'photos'],
    ['a\\', 'a'],
    ['a\r\nb\u202egpj.exe', 'abgpj.exe'],
    ['\u2066a\u2069\u200eb\u061c.jpg', 'ab.jpg'],
    ['\ud800.jpg', '\ufffd.jpg'],
    // What Windows drops or keeps for itself.
    ['a.jpg. . ', 'a.jpg'],
    ['a.', 'a'],
    ['nul', '_nul'],
    ['CON .jpg', '_CON .jpg'],
    ['conout$', '_conout$'],
    ['console.jpg', 'console.jpg'],
    // Nothing to be seen.
    [undefined, 'photo.png'],
    ['', 'photo.png'],
    ['..', 'photo.png'],
    ['.jpg', 'photo.png'],
    ['\u200b\u200d\u2060.jpg', 'photo.png'],
    ['\u00ad', 'photo.png'],
    ['\u3164\u2800\u3000', 'photo.png'],
    ['\ufe0f\u{e0100}', 'photo.png'],
    ['\u{e0061}\u{e0062}.heic', 'photo.png'],
    ['...jpg', 'photo.png'],
    ['/\ufe0f', 'photo.png'],
    ['.hidden', '.hidden'],
    // Nothing to be seen in between.
    ['a\u200b\u00ad\u2060b.j\u200dpg', 'ab.jpg'],
    ['a\u{e0061}\u{e007f}.jpg', 'a.jpg'],
    ['a\ufe0f\ufe0e\u200c.jpg', 'a\ufe0f.jpg'],
    // What it takes to be read and seen as it was written.
    ['می‌خواهم.jpg', 'می‌خواهم.jpg'],
    ['क्‍ष ක්‍ෂ.jpg', 'क्‍ष ක්‍ෂ.jpg'],
    [`${family} ❤️ 👩🏽‍🚀 1️⃣ ❤️‍🔥.jpg`, `${family} ❤️ 👩🏽‍🚀 1️⃣ ❤️‍🔥.jpg`],
    [`${wales}.jpg`, `${wales}.jpg`],
    ['葛\u{e0100}.jpg', '葛\u{e0100}.jpg'],
    ['ᠠ᠋.jpg', 'ᠠ᠋.jpg'],
    ['e\u0301 한국어 日本語 עברית ไทย.jpg', 'e\u0301 한국어 日本語 עברית ไทย.jpg'],
    ['"5%" <b>;=*?.jpg', '"5%" <b>;=*?.jpg'],
  ] as const) {
    test(`of ${JSON.stringify(raw)} is ${JSON.stringify(shown)}`, () => {
      assert.equal(displayName(raw, 'png'), shown)
    })
  }

  test('is cut between characters as people see them, and keeps its extension', () => {
    const long = displayName(`${family.repeat(100)}.jpeg`, 'jpg')
    assert.equal(long, `${family.repeat(24)}.jpeg`)
    assert.equal(displayName(`${'e\u0301'.repeat(200)}`, 'jpg'), 'e\u0301'.repeat(100))
    assert.equal(displayName(`e${'\u0301'.repeat(500)}.jpg`, 'jpg'), 'photo.jpg')
  })

  test('NUL is refused', () => assert.throws(() => displayName('a\0.jpg', 'jpg'), { code: 'invalid_name' }))

  test('is bounded, well-formed, visible, the same when it is cleaned again, and saved with its extension', () => {
    const odd = fc.constantFrom(
      ...'\u200d\u200c\u202e\ufe0f\u00ad./\\ \ud83d',
      family,
      wales,
      'ی',
      'con',
      '.heic',
    )
    const names = fc.array(fc.oneof(odd, fc.string({ unit: 'binary' })), { maxLength: 60 })
    fc.assert(
      fc.property(names, (pieces) => {
        const name = displayName(pieces.join('').replaceAll('\0', ''), 'jpg')
        assert.ok(name.length <= 201 && name.isWellFormed())
        assert.doesNotMatch(name, /[\p{Cc}\p{Bidi_Control}/\\]/u)
        assert.match(name, /[^\p{DI}\s]/u)
        if (name.length < 200) assert.equal(displayName(name, 'jpg'), name)
        assert.match(savedName(name, 'image/jpeg'), /.\.(jpe?g|jpe|jfif|pjpe?g|pjp)$/i)
      }),
      fuzz(1000),
    )
  })
})

describe('the name that is saved', () => {
  for (const [name, type, saved] of [
    ['IMG_3630.HEIC', 'image/jpeg', 'IMG_3630.jpg'],
    ['DSC_0001.JPG', 'image/jpeg', 'DSC_0001.JPG'],
    ['a.jpeg', 'image/jpeg', 'a.jpeg'],
    ['a.png', 'image/jpeg', 'a.jpg'],
    ['a.jpg', 'image/webp', 'a.webp'],
    ['clip.3gp', 'video/mp4', 'clip.mp4'],
    ['clip.qt', 'video/quicktime', 'clip.qt'],
    ['clip.MP4', 'video/quicktime', 'clip.mov'],
    ['page.html', 'image/jpeg', 'page.html.jpg'],
    ['x.svg', 'image/jpeg', 'x.svg.jpg'],
    ['a.jpg.exe', 'image/jpeg', 'a.jpg.exe.jpg'],
    ['noextension', 'image/jpeg', 'noextension.jpg'],
    ['2026.11.28', 'image/jpeg', '2026.11.28.jpg'],
    ['a.constructor', 'image/jpeg', 'a.constructor.jpg'],
    ['later.heic', 'image/heic', 'later.heic'],
  ] as const) {
    test(`of ${name}, which is ${type}, is ${saved}`, () => assert.equal(savedName(name, type), saved))
  }
})
