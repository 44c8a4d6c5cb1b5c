import type { Position } from '../cleaning.ts'
import { toPosition } from '../exif/gps.ts'
import type { XmpName } from './properties.ts'

/** Collects the position that an XMP packet says, as Exif has it (`51,30.5N`) or as drones do (`51.5083`). */
export function createXmpPosition(): {
  note(name: XmpName, value: string): void
  get(): Position | undefined
} {
  const found = new Map<string, number>()
  return {
    note({ local }, value) {
      if (local.length < 11 || local.length > 13) return
      const [, name] = /^gps(latitude|longt?itude|altitude)$/i.exec(local) ?? []
      if (name === undefined || found.has(name.toLowerCase())) return
      const read = /altitude/i.test(name) ? fraction(value) : degrees(value)
      if (Number.isFinite(read)) found.set(name.toLowerCase(), read)
    },
    get: () =>
      toPosition(
        found.get('latitude'),
        found.get('longitude') ?? found.get('longtitude'),
        found.get('altitude'),
      ),
  }
}

function degrees(text: string): number {
  const [, whole, minutes = 0, seconds = 0, ref = ''] =
    /^\s*([-+]?\d{1,3}(?:\.\d{1,15})?)(?:,(\d{1,2}(?:\.\d{1,15})?)(?:,(\d{1,2}(?:\.\d{1,15})?))?)?\s?([NSEW]?)\s*$/i.exec(
      text,
    ) ?? []
  const sum = Number(whole) + Number(minutes) / 60 + Number(seconds) / 3600
  return /[SW]/i.test(ref) ? -sum : sum
}

function fraction(text: string): number {
  const [, number, divisor = 1] = /^\s*([-+]?\d{1,10}(?:\.\d{1,10})?)(?:\/(\d{1,10}))?\s*$/.exec(text) ?? []
  return Number(number) / Number(divisor)
}
