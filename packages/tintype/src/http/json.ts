import type { Request, RequestHandler, Response } from 'express'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { Budget } from '../intake/budget.ts'
import { parseJson, readWholeBody } from './whole-body.ts'

/**
 * The body of a request as one JSON object, its members unchecked.
 *
 * @param limit bytes. @default 64 KiB
 * @throws {TintypeError} `unsupported_body`, `malformed_json`, `too_large`, `too_slow`, `overloaded`
 */
export type ReadJson = (req: Request, res: Response, limit?: number) => Promise<Record<string, unknown>>

export interface ReadJsonOptions {
  /** Large bodies, and what they become, count in it until they have been answered. */
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** Bodies of this size are not worth counting. */
const smallBody = 64 * 1024
/** What parsed JSON takes, its text included, in times of its text. */
const parsedSize = 5
export function createReadJson({ budget, clock, stallTimeout }: ReadJsonOptions): ReadJson {
  async function receive(req: Request, res: Response, limit: number): Promise<unknown> {
    const most = Math.min(limit, Number(req.headers['content-length'] ?? limit))
    if (most > smallBody) await reserve(res, most * parsedSize)
    return parseJson(await readWholeBody(req, { limit, clock, stallTimeout }))
  }

  /** Until the answer has been sent, or the client has gone. */
  async function reserve(res: Response, bytes: number): Promise<void> {
    const gone = new AbortController()
    const reserved = budget.reserve(bytes, gone.signal)
    res.once('close', () => {
      gone.abort(new TintypeError('malformed_request', 'The client went away.'))
      reserved.then(
        (reservation) => reservation.release(),
        () => {},
      )
    })
    await reserved
  }

  return async (req, res, limit = smallBody) => {
    const { 'content-encoding': encoding = 'identity' } = req.headers
    if (!req.is('application/json') || encoding !== 'identity') {
      throw new TintypeError('unsupported_body', 'Send the body as application/json, not compressed.')
    }
    // A middleware of the app may have read it already.
    const body: unknown = req.readableDidRead ? req.body : await receive(req, res, limit)
    if (!isObject(body)) throw new TintypeError('malformed_json', 'The body has to be one JSON object.')
    return body
  }
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
