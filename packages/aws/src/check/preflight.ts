import { GetObjectCommand } from '@aws-sdk/client-s3'
import { type Finding, failed, ok } from 'tintype/internal/bucket/finding'
import type { Subject } from './subject.ts'

/** Headers that a page sends with a PUT. */
const sent = ['content-type', 'if-none-match', 'x-amz-checksum-sha256']
/** Headers that a page has to read from the answers. */
const read = ['etag', 'x-amz-checksum-sha256']

/**
 * Asks as a browser would whether a page of this origin may upload straight to the bucket and read what it needs.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
export async function* preflight(subject: Subject, origin: string, Key: string): AsyncGenerator<Finding> {
  const what = `pages of ${origin} may upload (preflight)`
  const problem = await problemOf(await subject.address(Key), origin)
  yield problem === undefined
    ? ok(what)
    : failed(what, problem, `Set the bucket's CORS: \`tintype aws apply --origin ${origin}\` does.`)
  if (problem !== undefined) return
  const exposing = `pages of ${origin} may read ETag and checksums`
  const signed = await subject.presign(new GetObjectCommand({ Bucket: subject.bucket, Key }))
  const answer = await fetch(signed, { headers: { origin } })
  await answer.arrayBuffer()
  const exposed = list(answer.headers.get('access-control-expose-headers'))
  const hidden = read.filter((name) => !exposed.includes(name) && !exposed.includes('*'))
  yield hidden.length === 0
    ? ok(exposing)
    : failed(
        exposing,
        `${hidden.join(' and ')} ${hidden.length > 1 ? 'are' : 'is'} not in ExposeHeaders`,
        `Set the bucket's CORS: \`tintype aws apply --origin ${origin}\` does.`,
      )
}

/** In one sentence what is wrong: the origin, the method, or which of the headers. */
async function problemOf(url: string, origin: string): Promise<string | undefined> {
  const ask = async (method: string, headers: readonly string[]) => answerTo(url, origin, method, headers)
  if (await ask('PUT', sent)) return undefined
  if (await ask('PUT', [])) {
    const allowed = await Promise.all(sent.map((name) => ask('PUT', [name])))
    const refused = sent.filter((_, at) => !allowed[at])
    return refused.length > 0
      ? `the rule for ${origin} does not allow the header ${refused.join(', ')}`
      : `no single rule for ${origin} allows the headers ${sent.join(', ')} together`
  }
  if (await ask('GET', [])) return `the rule for ${origin} does not allow the method PUT`
  return `no CORS rule of the bucket is for the origin ${origin}: scheme, name and port have to be the very same`
}

async function answerTo(
  url: string,
  origin: string,
  method: string,
  headers: readonly string[],
): Promise<boolean> {
  const answer = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers.length > 0 ? { 'access-control-request-headers': headers.join(',') } : {}),
    },
    signal: AbortSignal.timeout(15_000),
  })
  await answer.arrayBuffer()
  const allows = (name: string, wanted: string) => {
    const values = list(answer.headers.get(`access-control-allow-${name}`))
    return (
      values.includes(wanted.toLowerCase()) || values.some((value) => matches(value, wanted.toLowerCase()))
    )
  }
  return (
    answer.ok &&
    allows('origin', origin) &&
    allows('methods', method) &&
    headers.every((name) => allows('headers', name))
  )
}

/** Some services answer with the patterns of the rule, AWS with what was asked for. */
function matches(pattern: string, value: string): boolean {
  return pattern.endsWith('*') && value.startsWith(pattern.slice(0, -1))
}

function list(header: string | null): string[] {
  return (header ?? '').split(',').map((one) => one.trim().toLowerCase())
}
