import { TintypeError } from '../errors.ts'

/**
 * Headers of which Node keeps the first and drops the rest in silence, while a proxy in front may go by the last.
 * (Two lengths are refused by Node itself; other headers are joined with commas.)
 */
const once = new Set(['authorization', 'content-type', 'host'])
const lengths = new Set([...once].map((name) => name.length))

/**
 * Refuses requests with two of a header that may be there once.
 *
 * @throws {TintypeError} `malformed_request`
 */
export function refuseDoubled({ rawHeaders }: { rawHeaders: readonly string[] }): void {
  const seen = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] as string
    if (!lengths.has(sent.length)) continue
    const name = sent.toLowerCase()
    if (!once.has(name)) continue
    if (seen.has(name)) throw new TintypeError('malformed_request', `The request has two headers ${name}.`)
    seen.add(name)
  }
}
