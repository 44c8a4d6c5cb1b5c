import { maxAltLength, maxCaptionLength, maxDataBytes } from '@tintype/protocol'
import { TintypeError } from './errors.ts'
import type { MediaChange } from './records/media-records.ts'

/** What is to be changed of a media: null removes it. */
export interface MediaUpdate<Data = unknown> {
  /** Text beside it, at most 2000 characters. */
  caption?: string | null | undefined
  /** What it shows, for those who don't see it. */
  alt?: string | null | undefined
  /** What the app keeps with it: any JSON of at most 8 KB. */
  data?: Data | null | undefined
}

/** What may be changed of a media. */
export const changeable = ['caption', 'alt', 'data'] as const

/**
 * @param allowed what may be changed here
 * @throws {TintypeError} `invalid_parameter`, also where there is nothing to change
 */
export function checkChange(change: unknown, allowed: readonly string[] = changeable): MediaChange {
  const given = typeof change === 'object' && change !== null ? Object.entries(change) : []
  const said = given.filter(([, value]) => value !== undefined)
  const others = given.map(([name]) => name).filter((name) => !allowed.includes(name))
  if (said.length === 0 || others.length > 0)
    throw new TintypeError(
      'invalid_parameter',
      `Give one or more of ${allowed.join(', ')}: nothing else can be changed here.`,
    )
  const { caption, alt, data } = Object.fromEntries(said)
  return {
    ...(caption === undefined ? {} : { caption: checkCaption(caption) }),
    ...(alt === undefined ? {} : { alt: checkAlt(alt) }),
    ...(data === undefined ? {} : { data: checkData(data) }),
  }
}

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
