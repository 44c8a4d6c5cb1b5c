import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { ApiRequest } from 'tintype/internal/http/exchange'
import { isObject } from 'tintype/internal/http/json'
import { parseJson, readWholeBody } from 'tintype/internal/http/whole-body'
import { contentTypeOf } from 'tintype/internal/intake/form/content-type'

/** Bytes of what people usually fill in: a form has the longest password three times, a letter as up to nine bytes. */
const largest = 8192

/** Bytes of what a device says about a key. */
const largestOfDevices = 32 * 1024

/**
 * A JSON object that a device had a part in.
 * @throws {TintypeError} `unsupported_body`, `malformed_json`, `too_large`, `too_slow`
 */
export async function readObject(
  request: ApiRequest,
  { clock, stallTimeout }: { clock: Clock; stallTimeout: number },
): Promise<Record<string, unknown>> {
  if (contentTypeOf(request).type !== 'application/json')
    throw new TintypeError('unsupported_body', 'Send the body as application/json.')
  const body = parseJson(await readWholeBody(request, { limit: largestOfDevices, clock, stallTimeout }))
  if (isObject(body)) return body
  throw new TintypeError('malformed_json', 'The body has to be one JSON object.')
}

/**
 * What a form without JavaScript says, or the texts of a JSON object.
 * @throws {TintypeError} `invalid_parameter` where one comes twice; `too_large`, `too_slow`, `malformed_json`
 */
export async function readFields(
  request: ApiRequest,
  { clock, stallTimeout, limit = largest }: { clock: Clock; stallTimeout: number; limit?: number },
): Promise<Partial<Record<string, string>>> {
  const { type } = contentTypeOf(request)
  const body = await readWholeBody(request, { limit, clock, stallTimeout })
  if (type === 'application/x-www-form-urlencoded') {
    const fields = [...new URLSearchParams(body.toString())]
    const names = fields.map(([name]) => name)
    const doubled = names.find((name, index) => names.indexOf(name) !== index)
    if (doubled === undefined) return Object.fromEntries(fields)
    throw new TintypeError('invalid_parameter', `The form has ${doubled} twice. Send one.`)
  }
  const json = type === 'application/json' ? parseJson(body) : undefined
  if (!isObject(json)) return {}
  return Object.fromEntries(Object.entries(json).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >
}
