import { createHash } from 'node:crypto'
import type { Answer, ApiRequest, Headers } from './exchange.ts'

/** What a request says that decides whether it hears that nothing has changed. */
export type Conditional = Pick<ApiRequest, 'method' | 'headers'>

/** JSON with an ETag: see {@link textAnswer}. */
export function taggedAnswer(value: unknown, request: Conditional): Answer {
  return textAnswer(request, JSON.stringify(value), { 'Content-Type': 'application/json; charset=utf-8' })
}

/**
 * Text with an ETag. Those who ask again with it hear that nothing has changed (RFC 9110 section 13.1.2). It is a weak
 * one: the same text may yet be sent in another coding.
 */
export function textAnswer({ method, headers: asked }: Conditional, text: string, headers: Headers): Answer {
  const hash = createHash('sha1').update(text).digest('base64').slice(0, 27)
  const ETag = `W/"${Buffer.byteLength(text).toString(16)}-${hash}"`
  const known = asked['if-none-match']
  const isRead = method === 'GET' || method === 'HEAD'
  if (!isRead || known === undefined || !isNamed(ETag, known) || wantsAll(asked['cache-control'])) {
    return { status: 200, headers: { ...headers, ETag }, body: text }
  }
  const { 'Content-Type': _, ...kept } = headers
  return { status: 304, headers: { ...kept, ETag } }
}

/** By weak comparison (RFC 9110 section 8.8.3.2). */
function isNamed(tag: string, known: string): boolean {
  const same = (one: string) => one.trim().replace(/^W\//, '') === tag.slice(2)
  return known.trim() === '*' || known.split(',').some(same)
}

/** A page that is loaded anew. */
function wantsAll(cacheControl = ''): boolean {
  return /(^|,)\s*no-cache\s*(,|$)/.test(cacheControl)
}
