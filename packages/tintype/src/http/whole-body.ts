import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { type Incoming, readBody } from '../memory/body.ts'
import { gather } from '../memory/gather.ts'

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
 * A body that is needed whole. A parser that waits for it without a limit would let any client hold connections open.
 *
 * @throws {TintypeError} `too_large`, `too_slow`
 */
export async function readWholeBody(
  request: Pick<Incoming, 'headers' | 'body' | 'accept'>,
  { limit, clock, stallTimeout }: WholeBodyOptions,
): Promise<Buffer> {
  const { headers, body } = request
  const gathered = gather()
  let size = 0
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  request.accept()
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    gathered.add(chunk)
  }
  await readBody(body, take, { clock, stallTimeout, leastRate: () => leastRate })
  return gathered.bytes()
}

/**
 * JSON is UTF-8 (RFC 8259 section 8.1): with replacement characters in it, something else than was sent would be stored.
 *
 * @throws {TintypeError} `malformed_json`
 */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new TintypeError('malformed_json', 'The body is no valid JSON in UTF-8.', { cause })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function tooLarge(limit: number): TintypeError {
  return new TintypeError('too_large', `The body has more than ${limit / 1024} kB.`, { limit })
}
