import type { CompleteRequest, PartsRequest, UploadRequest } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { isObject } from './json.ts'

// Bodies of the upload routes: shape and form. Members that are not known are ignored.

/** S3 numbers parts from 1 to 10,000. */
const maxParts = 10_000

/** @throws {TintypeError} `invalid_parameter` */
export function readUploadRequest(body: Record<string, unknown>): UploadRequest {
  const { name, size, type = '', sha256 } = body
  if (typeof name !== 'string' || name.length > 2000)
    throw invalid('name', 'a string of up to 2000 characters')
  if (typeof type !== 'string' || type.length > 2000) throw invalid('type', 'a media type')
  if (!isWhole(size, 0, Number.MAX_SAFE_INTEGER)) throw invalid('size', 'a whole number of bytes')
  return { name, size, type, ...(sha256 === undefined ? {} : { sha256: demandSha256(sha256) }) }
}

/** @throws {TintypeError} `invalid_parameter` */
export function readPartsRequest(
  { parts, stored = [] }: Record<string, unknown>,
  most: number,
): PartsRequest {
  const request = {
    parts: list('parts', parts, most).map(({ number, sha256 }) => ({
      number: demandNumber(number),
      sha256: demandSha256(sha256),
    })),
    stored: list('stored', stored, most).map(({ number, etag }) => ({
      number: demandNumber(number),
      etag: demandEtag(etag),
    })),
  }
  demandUnique(request.parts)
  demandUnique(request.stored)
  return request
}

/** @throws {TintypeError} `invalid_parameter` */
export function readCompleteRequest({ parts }: Record<string, unknown>): CompleteRequest {
  if (parts === undefined) return {}
  const all = list('parts', parts, maxParts).map(({ number, etag, sha256 }) => ({
    number: demandNumber(number),
    etag: demandEtag(etag),
    sha256: demandSha256(sha256),
  }))
  demandUnique(all)
  return { parts: all }
}

function list(name: string, value: unknown, most: number): Record<string, unknown>[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw invalid(name, 'a list of objects')
  if (value.length > most) {
    throw new TintypeError('invalid_parameter', `${name} has at most ${most} entries.`, { limit: most })
  }
  return value
}

function demandNumber(value: unknown): number {
  if (isWhole(value, 1, maxParts)) return value
  throw new TintypeError('invalid_parameter', `number is a whole number from 1 to ${maxParts}.`, {
    limit: maxParts,
  })
}

function demandSha256(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value
  throw invalid('sha256', 'a SHA-256 as 64 lower-case hex digits')
}

/** As S3 sends it, with its quotes or without. */
function demandEtag(value: unknown): string {
  if (typeof value === 'string' && /^"?[\w./+=-]{1,200}"?$/.test(value)) return value
  throw invalid('etag', 'the ETag that the storage has answered with')
}

function demandUnique(parts: { number: number }[]): void {
  const numbers = new Set<number>()
  for (const { number } of parts) {
    if (numbers.has(number)) throw new TintypeError('invalid_parameter', `Part ${number} is listed twice.`)
    numbers.add(number)
  }
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function invalid(name: string, what: string): TintypeError {
  return new TintypeError('invalid_parameter', `${name} has to be ${what}.`)
}
