import { maxAltLength, maxCaptionLength, maxDataBytes } from '@tintype/protocol'
import { TintypeError } from './errors.ts'

/** @throws {TintypeError} `invalid_parameter` */
export function checkCaption(caption: unknown): string | null {
  return checkText('caption', caption, maxCaptionLength)
}

/** @throws {TintypeError} `invalid_parameter` */
export function checkAlt(alt: unknown): string | null {
  return checkText('alt', alt, maxAltLength)
}

/**
 * @returns as JSON; null for none
 * @throws {TintypeError} `invalid_parameter` for what is no JSON, or too much of it
 */
export function checkData(data: unknown): string | null {
  if (data === null || data === undefined) return null
  const json = toJson(data)
  if (json === undefined)
    throw new TintypeError('invalid_parameter', 'data has to be a value that JSON can hold.')
  if (Buffer.byteLength(json) > maxDataBytes)
    throw new TintypeError('invalid_parameter', `data has at most ${maxDataBytes} bytes as JSON.`, {
      limit: maxDataBytes,
    })
  return json
}

/** Without circles and bigints, of which there is no JSON. */
function toJson(data: unknown): string | undefined {
  try {
    return JSON.stringify(data)
  } catch {
    return undefined
  }
}

function checkText(name: string, text: unknown, limit: number): string | null {
  if (text === null || text === undefined || text === '') return null
  if (typeof text !== 'string') throw new TintypeError('invalid_parameter', `${name} is one string, or null.`)
  if (text.length > limit)
    throw new TintypeError('invalid_parameter', `${name} has at most ${limit} characters.`, { limit })
  if (text.includes('\0')) throw new TintypeError('invalid_parameter', `${name} holds a NUL character.`)
  return text.toWellFormed()
}
