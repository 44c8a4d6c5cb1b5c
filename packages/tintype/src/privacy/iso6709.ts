import type { Position } from './cleaning.ts'

/**
 * A position as phones write it into videos (ISO 6709, annex H): `+48.8577+002.2950+035.000/`. Degrees, or degrees with
 * minutes and seconds run together; metres.
 */
export function readIso6709(text: string): Position | undefined {
  const match =
    /^([+-]\d{2,6}(?:\.\d+)?)([+-]\d{3,7}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:CRS[\w:.-]*)?\/?$/.exec(
      text.trim(),
    )
  if (!match) return undefined
  const latitude = degrees(match[1] as string, 2)
  const longitude = degrees(match[2] as string, 3)
  if (latitude === undefined || longitude === undefined) return undefined
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  return { latitude, longitude, ...(match[3] !== undefined && { altitude: Number(match[3]) }) }
}

/** `+DD.D`, `+DDMM.M` or `+DDMMSS.S`, with so many digits of degrees. */
function degrees(text: string, digits: number): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const [whole = ''] = text.slice(1).split('.')
  const number = text.slice(1)
  if (whole.length <= digits) return sign * Number(number)
  const minutes = number.slice(digits)
  const begin = Number(number.slice(0, digits))
  if (whole.length === digits + 2) return sign * (begin + Number(minutes) / 60)
  if (whole.length === digits + 4)
    return sign * (begin + Number(minutes.slice(0, 2)) / 60 + Number(minutes.slice(2)) / 3600)
  return undefined
}
