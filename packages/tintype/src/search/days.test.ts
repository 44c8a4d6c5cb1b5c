import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsOf, daysIn } from './days.ts'

test('a day, month or year lasts from its first moment to the next one, as clocks go there', () => {
  for (const [zone, date, from, before] of [
    ['UTC', '2026', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['Europe/Berlin', '2026-12', '2026-12-01T00:00:00+01:00', '2027-01-01T00:00:00+01:00'],
    ['Europe/Berlin', '2026-03-29', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
    ['Asia/Kathmandu', '2024-02-29', '2024-02-29T00:00:00+05:45', '2024-03-01T00:00:00+05:45'],
    ['Pacific/Kiritimati', '2026-01-01', '2026-01-01T00:00:00+14:00', '2026-01-02T00:00:00+14:00'],
    // Where clocks are put forward at midnight, the day begins at one.
    ['America/Santiago', '2026-09-06', '2026-09-06T01:00:00-03:00', '2026-09-07T00:00:00-03:00'],
  ] as const) {
    const said = boundsOf(date, daysIn(zone))
    const iso = (time: number) => new Date(time).toISOString()
    assert.deepEqual(
      [iso(said.from), iso(said.before)],
      [iso(Date.parse(from)), iso(Date.parse(before))],
      `${date} ${zone}`,
    )
  }
  assert.throws(() => daysIn('Atlantis'), { code: 'invalid_parameter' })
})
