import express, { type Request, type RequestHandler, type Response } from 'express'
import { TintypeError } from '../errors.ts'

/** Bytes that a JSON body has at the most. */
export const smallBody = 64 * 1024

/**
 * The body as one JSON object, its members unchecked.
 *
 * @param limit bytes
 * @throws {TintypeError} `unsupported_body`, `malformed_json`, `too_large`
 */
export async function readJson(
  req: Request,
  res: Response,
  limit = smallBody,
): Promise<Record<string, unknown>> {
  if (!req.is('application/json')) {
    throw new TintypeError('unsupported_body', 'Send the body as application/json.')
  }
  const parse = express.json({ limit, strict: true })
  await new Promise<void>((resolve, reject) => {
    parse(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(jsonError(error, limit))))
  })
  const body: unknown = req.body
  if (!isObject(body)) throw new TintypeError('malformed_json', 'The body has to be one JSON object.')
  return body
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The last handler of a route. */
export function methodNotAllowed(allow: string): RequestHandler {
  return (_req, res) => {
    res.set('Allow', allow)
    throw new TintypeError('method_not_allowed', `Only ${allow} are served here.`)
  }
}

function jsonError(cause: unknown, limit: number): TintypeError {
  const tooLarge = cause instanceof Error && 'status' in cause && cause.status === 413
  return tooLarge
    ? new TintypeError('too_large', `The JSON body has more than ${limit / 1024} kB.`, { limit, cause })
    : new TintypeError('malformed_json', 'The body is no valid JSON.', { cause })
}
