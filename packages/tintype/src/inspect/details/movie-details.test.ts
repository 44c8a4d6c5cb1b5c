import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { box } from '../../../../../test/media/containers.ts'
import { itemList, quickTimeKeys, userText } from '../../../../../test/media/details.ts'
import { checkDetails } from './check-details.ts'
import { readMovieDetails } from './movie-details.ts'

/** Of a movie that was made this number of seconds after 1904 began. */
function header(seconds: number, version: 0 | 1 = 0): Buffer {
  const content = Buffer.alloc(100)
  content[0] = version
  if (version === 1) content.writeBigUInt64BE(BigInt(seconds), 4)
  else content.writeUInt32BE(seconds, 4)
  return box('mvhd', content)
}
const since1904 = (iso: string) => Date.parse(iso) / 1000 + 2_082_844_800
const details = (...boxes: Buffer[]) => readMovieDetails(box('moov', ...boxes))
const taken = (...boxes: Buffer[]) => details(...boxes).takenAt?.time
const mvhd = header(since1904('2024-01-31T05:25:01Z'))

describe('when and with what a video was made', () => {
  test('the key with its offset comes before the header, which is UTC', () => {
    const keys = quickTimeKeys({
      'com.apple.quicktime.creationdate': '2024-01-31T14:25:01+0900',
      'com.apple.quicktime.make': 'Apple',
      'com.apple.quicktime.model': 'iPhone 15 Pro',
      'com.apple.quicktime.content.identifier': 'ABC-1',
    })
    assert.deepEqual(details(mvhd, keys), {
      takenAt: { time: '2024-01-31T14:25:01+09:00', from: 'quicktime' },
      camera: 'Apple iPhone 15 Pro',
      contentId: 'ABC-1',
      features: ['live-photo'],
    })
    assert.deepEqual(details(mvhd), { takenAt: { time: '2024-01-31T05:25:01Z', from: 'quicktime' } })
  })

  test('user data, as QuickTime and as iTunes have them', () => {
    assert.equal(taken(mvhd, userText('\xa9day', '2024-01-31T14:25:01-0500')), '2024-01-31T14:25:01-05:00')
    assert.equal(taken(mvhd, itemList('\xa9day', '2024-01-31T14:25:01+01:00')), '2024-01-31T14:25:01+01:00')
    assert.equal(taken(mvhd, userText('\xa9day', '2024')), '2024-01-31T05:25:01Z')
    assert.equal(details(userText('\xa9mod', 'Canon EOS R5')).camera, 'Canon EOS R5')
    assert.equal(taken(box('udta', box('date', '2024-01-31T14:25:01-0500'))), '2024-01-31T14:25:01-05:00')
  })

  test('a header of 64 bits, and one that counts from 1970', () => {
    assert.equal(taken(header(since1904('2024-01-31T05:25:01Z'), 1)), '2024-01-31T05:25:01Z')
    assert.equal(taken(header(Date.parse('2024-01-31T05:25:01Z') / 1000)), '2024-01-31T05:25:01Z')
  })

  test('a clock that was never set is no date', () => {
    for (const seconds of [0, 1, 86_400, 2_082_844_800, 2_082_844_801, 2 ** 31]) {
      assert.equal(taken(header(seconds)), undefined)
    }
    assert.equal(taken(header(Number.MAX_SAFE_INTEGER, 1)), undefined)
    const keys = quickTimeKeys({ 'com.apple.quicktime.creationdate': '1904-01-01T00:00:00Z' })
    assert.equal(taken(mvhd, keys), '2024-01-31T05:25:01Z')
  })

  test('whatever is cut off or contradicts itself is passed over', () => {
    const whole = box('moov', mvhd, userText('\xa9day', '2024-01-31'), quickTimeKeys({ a: 'b' }))
    for (let length = 0; length < whole.length; length++) readMovieDetails(whole.subarray(0, length))
    for (let at = 0; at < whole.length; at++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(whole)
        changed[at] = value
        readMovieDetails(changed)
      }
  })
})

test('of what a child process says of a video, only what may be kept is kept', () => {
  const good = {
    takenAt: { time: '2024-01-31T05:25:01Z', from: 'quicktime' },
    camera: 'Apple iPhone',
    rotation: 90,
  }
  assert.deepEqual(checkDetails(good), good)
  const all = ['\u001b[31m', 'x'.repeat(500), 7, {}, [], null, true]
  for (const value of all) {
    const bad = {
      takenAt: value,
      camera: value,
      lens: value,
      features: [value],
      contentId: value,
      codec: value,
    }
    assert.deepEqual(checkDetails({ ...bad, rotation: value, playable: 'yes' }), {})
    assert.deepEqual(checkDetails({ takenAt: { time: value } }), {})
    assert.deepEqual(checkDetails(value), {})
  }
})
