import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canPlay, codecTitle } from './codec.ts'

const browser = (...types: string[]) => ({
  canPlayType: (type: string) => (types.includes(type) ? ('probably' as const) : ('' as const)),
})

test('what all browsers play is not asked about, and what nothing is known of is tried', () => {
  assert.equal(canPlay({ playable: true, codec: 'avc1.64001f' }, browser()), true)
  assert.equal(canPlay({}, browser()), true)
  assert.equal(canPlay({ playable: false }, browser()), true)
})

test('what some browsers play is tried where the browser says so', () => {
  const hevc = { playable: false, codec: 'hvc1.1.6.L93.B0' }
  assert.equal(canPlay(hevc, browser()), false)
  assert.equal(canPlay(hevc, browser('video/mp4; codecs="hvc1.1.6.L93.B0"')), true)
  assert.equal(canPlay({ playable: false, codec: 'apcn' }, browser('video/quicktime; codecs="apcn"')), true)
})

test('codecs have the names that people know', () => {
  for (const [codec, title] of [
    ['hvc1.2.4.L123.B0', 'H.265 (HEVC)'],
    ['avc1.64001f', 'H.264'],
    ['vp09.00.10.08', 'VP9'],
    ['vp8', 'VP8'],
    ['av01.0.05M.08', 'AV1'],
    ['apch', 'ProRes'],
    ['zzzz', 'zzzz'],
  ] as const) {
    assert.equal(codecTitle(codec), title)
  }
})
