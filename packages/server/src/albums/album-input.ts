import { maxAlbumIds, maxAlbumName, type NewAlbum } from '@tintype/protocol'
import { TintypeError } from 'tintype/internal/errors'
import { isId } from 'tintype/internal/ids'
import type { Narrower } from '../records/link-records.ts'

/** @throws {TintypeError} `invalid_parameter` */
export function readAlbum(body: Record<string, unknown>): Required<NewAlbum> {
  refuseUnknown(body, ['name', 'mediaIds'])
  return { name: readAlbumName(body.name), mediaIds: readIds('mediaIds', body.mediaIds ?? []) }
}

/** Invisible, and a part of what is seen: of emoji such as that of a family or of Scotland, and of Persian and Indian words. */
const joiners = /\u200c|\u200d|[\u{e0020}-\u{e007f}]/gu

/** @throws {TintypeError} `invalid_parameter` */
export function readAlbumName(given: unknown): string {
  const name = typeof given === 'string' ? given.normalize('NFC').trim().replace(/\s+/g, ' ') : ''
  const visible = name.replace(joiners, '')
  if (visible !== '' && [...name].length <= maxAlbumName && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(visible))
    return name
  throw new TintypeError(
    'invalid_parameter',
    `The name of an album has 1 to ${maxAlbumName} characters, and no control characters.`,
    { limit: maxAlbumName },
  )
}

/** @throws {TintypeError} `invalid_parameter`; `not_found` for what can be no id */
export function readIds(name: string, given: unknown): string[] {
  if (!Array.isArray(given) || given.length > maxAlbumIds || !given.every((id) => typeof id === 'string'))
    throw new TintypeError('invalid_parameter', `${name} is a list of at most ${maxAlbumIds} ids.`, {
      limit: maxAlbumIds,
    })
  if (given.every(isId)) return given
  throw new TintypeError('not_found', 'There is no such photo or video.')
}

/** What a link allows, as the records have it. */
export interface LinkTerms {
  kind: 'view' | 'drop'
  original: number
  captions: number
  expires_at: number | null
  max_files: number | null
  max_bytes: number | null
}

/** Seconds. */
const longestLink = 10 * 366 * 86_400
const mostFiles = 1_000_000

/**
 * A name that is not known is refused: a limit that was misspelt would be none.
 * @throws {TintypeError} `invalid_parameter`
 */
export function readNewLink(body: Record<string, unknown>, now: number): LinkTerms {
  const { kind } = body
  if (kind !== 'view' && kind !== 'drop')
    throw new TintypeError(
      'invalid_parameter',
      'kind is view, for a link that shows the album, or drop, for one that takes files into it.',
    )
  const { original = false, captions = false, ...numbers } = body
  if (kind === 'drop' && (original !== false || captions !== false))
    throw new TintypeError('invalid_parameter', 'original and captions are for links of the kind view.')
  const terms = readTerms(kind, { original, captions, ...numbers }, now, ['kind'])
  return { kind, original: 0, captions: 0, expires_at: null, max_files: null, max_bytes: null, ...terms }
}

/**
 * What a link is to be narrowed to.
 * @throws {TintypeError} `invalid_parameter`
 */
export function readNarrower(kind: LinkTerms['kind'], body: Record<string, unknown>, now: number): Narrower {
  return readTerms(kind, body, now)
}

function readTerms(
  kind: LinkTerms['kind'],
  body: Record<string, unknown>,
  now: number,
  others: string[] = [],
): Narrower {
  const limits = kind === 'drop' ? ['maxFiles', 'maxBytes'] : []
  refuseUnknown(body, ['original', 'captions', 'expiresIn', ...limits, ...others])
  const { original, captions, expiresIn, maxFiles, maxBytes } = body
  return {
    ...flag('original', original),
    ...flag('captions', captions),
    ...(expiresIn === undefined
      ? {}
      : { expires_at: now + whole('expiresIn', expiresIn, longestLink) * 1000 }),
    ...(maxFiles === undefined ? {} : { max_files: whole('maxFiles', maxFiles, mostFiles) }),
    ...(maxBytes === undefined ? {} : { max_bytes: whole('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER) }),
  }
}

function flag<Name extends 'original' | 'captions'>(name: Name, value: unknown): { [N in Name]?: number } {
  if (value === undefined) return {}
  if (typeof value !== 'boolean') throw new TintypeError('invalid_parameter', `${name} is true or false.`)
  return { [name]: Number(value) } as { [N in Name]: number }
}

function whole(name: string, value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number
  throw new TintypeError('invalid_parameter', `${name} is a whole number from 1 to ${most}.`, { limit: most })
}

function refuseUnknown(body: Record<string, unknown>, names: readonly string[]): void {
  const unknown = Object.keys(body).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new TintypeError(
    'invalid_parameter',
    `${JSON.stringify(unknown.slice(0, 40))} is not known here: there are ${names.join(', ')}.`,
  )
}
