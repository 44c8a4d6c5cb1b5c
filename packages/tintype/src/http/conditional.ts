import { createHash } from 'node:crypto'
import type { Media } from '@tintype/protocol'
import type { Answer, ApiRequest, Headers } from './exchange.ts'

/** The headers of a conditional request. */
export type Conditional = Pick<ApiRequest, 'method' | 'headers'>

/** JSON with an ETag: see {@link textAnswer}. */
export function taggedAnswer(value: unknown, request: Conditional): Answer {
  return textAnswer(request, JSON.stringify(value), jsonType)
}

/** The same of one media: its ETag begins with its revision. */
export function mediaAnswer(media: Media, request: Conditional): Answer {
  return textAnswer(request, JSON.stringify(media), jsonType, `${media.revision}-`)
}

/**
 * The revisions that If-Match names: by `"3"`, or by an ETag of {@link mediaAnswer}. Undefined where any will do. Signed
 * URLs make the text of a media another one every hour, and proxies that compress it make its ETag a weak one: what
 * counts is the revision in it, which changes whenever the media does.
 */
export function namedRevisions({ headers }: Pick<Conditional, 'headers'>): number[] | undefined {
  const known = headers['if-match']
  if (known === undefined || known.trim() === '*') return undefined
  return known.split(',').flatMap((tag) => {
    const [, revision] = /^\s*(?:W\/)?"(\d{1,9})(?:-[^"]*)?"\s*$/.exec(tag) ?? []
    return revision === undefined ? [] : [Number(revision)]
  })
}

const jsonType = { 'Content-Type': 'application/json; charset=utf-8' }

/**
 * Text with an ETag. A request with the same ETag is answered 304 (RFC 9110 section 13.1.2). The ETag is weak, because
 * the same text may be sent in another coding.
 */
export function textAnswer(
  { method, headers: asked }: Conditional,
  text: string,
  headers: Headers,
  prefix = '',
): Answer {
  const hash = createHash('sha1').update(text).digest('base64').slice(0, 27)
  const ETag = `W/"${prefix}${Buffer.byteLength(text).toString(16)}-${hash}"`
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
