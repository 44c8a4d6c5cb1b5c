import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { readBody } from '../intake/body.ts'

export interface WholeBodyOptions {
  /** Bytes. */
  limit: number
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** Bytes a second. */
const leastRate = 256

/**
 * A body that has to be there whole before anything can be done with it. A parser that waits for it for ever would let
 * anybody hold connections open.
 *
 * @throws {TintypeError} `too_large`, `too_slow`
 */
export async function readWholeBody(
  req: IncomingMessage,
  { limit, clock, stallTimeout }: WholeBodyOptions,
): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  await readBody(req, take, { clock, stallTimeout, leastRate: () => leastRate })
  return Buffer.concat(chunks).toString()
}

/** @throws {TintypeError} `malformed_json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TintypeError('malformed_json', 'The body is no valid JSON.', { cause })
  }
}

function tooLarge(limit: number): TintypeError {
  return new TintypeError('too_large', `The body has more than ${limit / 1024} kB.`, { limit })
}
