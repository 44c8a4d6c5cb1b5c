import type { Request, RequestHandler } from 'express'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { contentTypeOf } from '../intake/form/content-type.ts'
import { wasRead } from '../memory/body.ts'
import type { Budget } from '../memory/budget.ts'
import { clientSignal } from '../memory/client-signal.ts'
import { parseJson, readWholeBody } from './whole-body.ts'

/** The body of a request as one JSON object, its members unchecked. It counts in the memory budget. */
export interface ReadJson {
  /**
   * Of at most 64 KiB; counts while it is read.
   * @throws {TintypeError} `unsupported_body`, `malformed_json`, `too_large`, `too_slow`, `overloaded`
   */
  small(req: Request): Promise<Record<string, unknown>>
  /**
   * A large one counts, with what it becomes, until the work with it has ended.
   *
   * @param limit bytes
   * @throws {TintypeError} as {@link ReadJson.small}; what the work throws
   */
  large<T>(req: Request, limit: number, work: (body: Record<string, unknown>) => Promise<T>): Promise<T>
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
  async function read(req: Request, limit: number): Promise<Record<string, unknown>> {
    // A middleware of the app may have read it already.
    const body: unknown = wasRead(req)
      ? req.body
      : parseJson(await readWholeBody(req, { limit, clock, stallTimeout }))
    if (!isObject(body)) throw new TintypeError('malformed_json', 'The body has to be one JSON object.')
    return body
  }

  const large: ReadJson['large'] = async (req, limit, work) => {
    demandJson(req)
    const most = wasRead(req) ? 0 : Math.min(limit, Number(req.headers['content-length'] ?? limit))
    if (most <= leastCounted) return work(await read(req, limit))
    return budget.within(most * parsedSize, clientSignal(req), async () => work(await read(req, limit)))
  }

  return { small: (req) => large(req, smallBody, async (body) => body), large }
}

function demandJson(req: Request): void {
  if (contentTypeOf(req).type === 'application/json') return
  throw new TintypeError('unsupported_body', 'Send the body as application/json.')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The last handler of a route: answers OPTIONS, and refuses what is left.
 * @param served the methods, e.g. `GET, POST`; HEAD goes with GET
 */
export function methodNotAllowed(served: string): RequestHandler {
  const allow = served.replace('GET', 'GET, HEAD')
  return (req, res) => {
    res.set('Allow', allow)
    if (req.method !== 'OPTIONS') throw new TintypeError('method_not_allowed', `Served here: ${allow}.`)
    res.status(204).end()
  }
}
