import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { contentTypeOf } from '../intake/form/content-type.ts'
import type { Incoming } from '../memory/body.ts'
import type { Budget } from '../memory/budget.ts'
import { parseJson, readWholeBody } from './whole-body.ts'

/** A request, and what a middleware of the app has made of its body, where it has read it already. */
type JsonRequest = Incoming & { parsed: unknown }

/** The body of a request as one JSON object, its members unchecked. It counts in the memory budget. */
export interface ReadJson {
  /**
   * Of at most 64 KiB; counts while it is read.
   * @throws {TintypeError} `unsupported_body`, `malformed_json`, `too_large`, `too_slow`, `overloaded`
   */
  small(request: JsonRequest): Promise<Record<string, unknown>>
  /**
   * A large one counts, with what it becomes, until the work with it has ended.
   *
   * @param limit bytes
   * @throws {TintypeError} as {@link ReadJson.small}; what the work throws
   */
  large<T>(
    request: JsonRequest,
    limit: number,
    work: (body: Record<string, unknown>) => Promise<T>,
  ): Promise<T>
  /**
   * A few words of text instead. @throws {TintypeError} `too_large`, `too_slow`
   */
  words(request: JsonRequest): Promise<string>
}

export interface ReadJsonOptions {
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** Bytes of a small body. */
const smallBody = 64 * 1024
/** Less isn't worth counting: a connection takes more. */
const leastCounted = 8 * 1024
/** What parsed JSON takes, its text included, in times of its text. */
const parsedSize = 5

export function createReadJson({ budget, clock, stallTimeout }: ReadJsonOptions): ReadJson {
  async function read(request: JsonRequest, limit: number): Promise<Record<string, unknown>> {
    const body = request.wasRead
      ? request.parsed
      : parseJson(await readWholeBody(request, { limit, clock, stallTimeout }))
    if (!isObject(body)) throw new TintypeError('malformed_json', 'The body has to be one JSON object.')
    return body
  }

  const large: ReadJson['large'] = async (request, limit, work) => {
    demandJson(request)
    const { headers, wasRead, signal } = request
    const most = wasRead ? 0 : Math.min(limit, Number(headers['content-length'] ?? limit))
    if (most <= leastCounted) return work(await read(request, limit))
    return budget.within(most * parsedSize, signal, async () => work(await read(request, limit)))
  }

  async function words(request: JsonRequest): Promise<string> {
    if (request.wasRead) return typeof request.parsed === 'string' ? request.parsed : ''
    return (await readWholeBody(request, { limit: leastCounted, clock, stallTimeout })).toString()
  }

  return { small: (request) => large(request, smallBody, async (body) => body), large, words }
}

function demandJson(request: JsonRequest): void {
  if (contentTypeOf(request).type === 'application/json') return
  throw new TintypeError('unsupported_body', 'Send the body as application/json.')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
