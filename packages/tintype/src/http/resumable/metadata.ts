import { TintypeError } from '../../errors.ts'
import type { Announced } from '../../intake/direct/session-plan.ts'
import { readTextFields } from '../../intake/direct/text-fields.ts'
import type { TextLimits } from '../../intake/form/form-shape.ts'
import { checkCaption } from '../../record-checks.ts'

/** What an upload by tus says of its file. */
export interface TusMetadata extends Pick<Announced, 'caption' | 'fields'> {
  name: string
  type: string
}

/**
 * Upload-Metadata: pairs of a name and a value in base64, parted by commas. `filename` (or `name`) is the name, `filetype` (or
 * `type`) the media type, `caption` the caption; others are text fields for the app's hooks.
 *
 * @throws {TintypeError} `invalid_parameter`, `too_many_fields`
 * @example readTusMetadata('filename YS5qcGc=,filetype aW1hZ2UvanBlZw==', limits).name // 'a.jpg'
 */
export function readTusMetadata(header: string | undefined, limits: TextLimits): TusMetadata {
  const text: Record<string, string> = Object.create(null)
  for (const pair of (header ?? '').trim() === '' ? [] : String(header).split(',')) {
    const [, key, base64 = ''] = /^\s*([^\s,]+)(?: +([A-Za-z0-9+/=_-]*))?\s*$/.exec(pair) ?? []
    if (key === undefined) throw malformed('is a list of names, each with a value in base64')
    if (Object.hasOwn(text, key)) throw malformed('names something twice')
    text[key] = Buffer.from(base64, 'base64').toString('utf8')
  }
  const { filename, name, filetype, type, relativePath: _, ...others } = text
  const fields = Object.fromEntries(Object.entries(others).filter(([key]) => /^[\w.-]+$/.test(key)))
  return {
    name: filename ?? name ?? '',
    type: filetype ?? type ?? '',
    caption: checkCaption(text.caption),
    fields: readTextFields(fields, limits),
  }
}

function malformed(what: string): TintypeError {
  return new TintypeError('invalid_parameter', `Upload-Metadata ${what}.`)
}
