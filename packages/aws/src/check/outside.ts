import { GetObjectCommand } from '@aws-sdk/client-s3'
import { type Finding, failed, ok, skipped } from 'tintype/internal/bucket/finding'
import type { Subject } from './subject.ts'

/** Requests without a signature are denied, and signed ones without TLS. */
export async function* outside(subject: Subject, Key: string): AsyncGenerator<Finding> {
  const url = await subject.address(Key)
  const folder = url.slice(0, -Key.length)
  yield* refused('the object is not public', await statusOf(url), 'Turn Block Public Access on')
  yield* refused(
    'the list of objects is not public',
    await statusOf(`${folder}?list-type=2`),
    'Turn Block Public Access on',
  )
  const put = await statusOf(`${folder}${subject.probe()}`, { method: 'PUT', body: 'probe' })
  yield* refused('PUT without a signature is denied', put, 'Turn Block Public Access on')

  const tls = 'requests without TLS are refused'
  if (!url.startsWith('https:')) {
    yield skipped(tls, 'the endpoint has no TLS')
    return
  }
  if (subject.endpoint !== undefined) return
  // The scheme is not signed, so that the same URL is good for both.
  const signed = await subject.presign(new GetObjectCommand({ Bucket: subject.bucket, Key }))
  yield* refused(
    tls,
    await statusOf(signed.replace(/^https:/, 'http:')),
    'Put the TLS-only policy on the bucket',
  )
}

async function* refused(what: string, status: number, remedy: string): AsyncGenerator<Finding> {
  if (status === 401 || status === 403) yield ok(what)
  else yield failed(what, `answered ${status}`, `${remedy}: \`tintype aws apply\` does.`)
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(15_000) })
  await answer.arrayBuffer()
  return answer.status
}
