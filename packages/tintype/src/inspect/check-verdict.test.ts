import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkVerdict } from './check-verdict.ts'

const sound = {
  ...{ ok: true, kind: 'video', type: 'video/mp4', ext: 'mp4' },
  ...{ width: 1920, height: 1080, frames: 1, duration: 12.5 },
  details: { codec: 'avc1.64001f', playable: true, rotation: 90 },
}
const refused = { ok: false, code: 'not_decodable', detail: 'The video is cut off: “moov” is missing.' }

test('real verdicts of the video reader are accepted, and nothing else', () => {
  assert.deepEqual(checkVerdict({ ...sound, key: 'x', decodeMemory: 1 }), sound)
  assert.deepEqual(checkVerdict({ ...refused, key: 'x' }), refused)
  assert.deepEqual(checkVerdict({ ...refused, limit: 5 }), { ...refused, limit: 5 })
})

test('what is wrong in the details is left out', () => {
  for (const details of [
    undefined,
    null,
    5,
    { codec: '<b>', playable: 'yes', rotation: 45 },
    { codec: 'x'.repeat(65) },
  ]) {
    assert.deepEqual(checkVerdict({ ...sound, details }), { ...sound, details: {} })
  }
})

test('verdicts that cannot be are not', () => {
  const odd: unknown[] = [
    null,
    'ok',
    [],
    {},
    { ...sound, ok: 1 },
    { ...sound, kind: 'image' },
    { ...sound, frames: 2 },
  ]
  for (const type of ['image/jpeg', 'text/html', 'video/x', 'toString', undefined])
    odd.push({ ...sound, type })
  odd.push({ ...sound, ext: 'html' }, { ...sound, ext: '../x' })
  for (const width of [0, -1, 1.5, 1e9, Number.NaN, '1920'])
    odd.push({ ...sound, width }, { ...sound, height: width })
  const millionYears = 1e6 * 365 * 24 * 3600
  for (const duration of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, millionYears, '1'])
    odd.push({ ...sound, duration })
  for (const code of ['internal', 'not_found', 'toString', 'x', undefined]) odd.push({ ...refused, code })
  for (const detail of ['', 'x'.repeat(501), 'a\nb', 'a\u202eb', 5, undefined])
    odd.push({ ...refused, detail })
  odd.push({ ...refused, limit: -1 }, { ...refused, limit: '5' })
  for (const one of odd) assert.equal(checkVerdict(one), undefined, JSON.stringify(one))
})
