import { type Finding, ok, warned } from 'tintype/internal/bucket/finding'
import { type Config, isLoopback } from '../config.ts'

const docs = 'docs/proxies.md has set-ups.'

/**
 * Plain HTTP, and no sign-in, are acceptable on one machine only.
 * @param hasPeople whether somebody can sign in by name, as far as that is known
 */
export function publicAddress(
  { publicUrl, token, host, port }: Config,
  hasPeople = false,
): Finding | undefined {
  if (publicUrl === undefined) {
    if (isLoopback(host)) return undefined
    return warned(
      `address ${host}, port ${port}`,
      'without PUBLIC_URL it goes by whatever name it is reached by, and the token and the photos travel unencrypted',
      `Put a proxy with TLS in front, and set PUBLIC_URL to the address that people use. ${docs}`,
    )
  }
  const what = `address ${publicUrl}`
  const { protocol, hostname } = new URL(publicUrl)
  if (/^(localhost|127\.|\[::1\])/.test(hostname)) return ok(what)
  if (protocol !== 'https:') {
    const detail =
      token === undefined ? 'photos travel unencrypted' : 'the token and the photos travel unencrypted'
    return warned(what, detail, `Put a proxy with TLS in front, and set PUBLIC_URL to https. ${docs}`)
  }
  if (token !== undefined || hasPeople) return ok(what)
  return warned(
    what,
    'there is no TINTYPE_TOKEN: unless `tintype user list` names somebody, everybody whom the proxy lets in can see and delete all photos',
    'Add people by `tintype user add NAME`, or set TINTYPE_TOKEN to a long random text, unless the proxy itself asks who people are.',
  )
}

/** Bytes of a form with one photo; nginx accepts 1 MB by default. */
const ordinaryForm = 4 * 1024 ** 2
const answerTimeout = 10_000

/**
 * Whether PUBLIC_URL leads through the proxies to this server: checked only while it runs. Nothing is stored: the form
 * that is sent holds no token and no photo.
 */
export async function* throughProxy({ publicUrl, bucket }: Config): AsyncGenerator<Finding> {
  if (publicUrl === undefined) return
  const what = `from ${publicUrl} to the server`
  const health = await ask(`${publicUrl}/healthz`)
  if (health instanceof Error) {
    yield warned(what, health.message, `${unreached(health.message)} ${docs}`)
    return
  }
  if (health.status !== 200 || !health.headers.has('x-request-id')) {
    const remedy = `Have the proxy pass the address on to this server; it may take its path off or leave it. ${docs}`
    yield warned(what, `something else answers there (${health.status})`, remedy)
    return
  }
  yield ok(what)
  const form = await ask(`${publicUrl}/api/media`, { method: 'POST', body: Buffer.alloc(ordinaryForm) })
  if (form instanceof Error || form.headers.has('x-request-id')) yield ok('forms of 4 MB pass')
  else {
    yield warned(
      'forms of 4 MB pass',
      `a proxy answers ${form.status}`,
      'Raise its limit: nginx has client_max_body_size, others call it the largest request body.',
    )
  }
  if (bucket === undefined) {
    const answer = await ask(`${publicUrl}/api/s3/tintype/none`)
    const reached = !(answer instanceof Error) && answer.headers.has('x-amz-request-id')
    if (reached) yield ok('the embedded S3 is reached')
    else yield warned('the embedded S3 is reached', 'something else answers', `Pass all paths on. ${docs}`)
  }
}

/** What to do where nothing answers, by Node's code for it. */
function unreached(code: string): string {
  if (/^ERR_SSL_|^EPROTO$/.test(code))
    return 'What answers there speaks no TLS, or another version of it: give the proxy a certificate, or set PUBLIC_URL to http.'
  if (/CERT|SIGNATURE|ALTNAME/.test(code))
    return 'Its certificate is not for this name, has run out, or is of an authority that is not known here: browsers refuse it, too. For an authority of your own set NODE_EXTRA_CA_CERTS.'
  return "Look at DNS and at the proxy. From inside some networks an address can't be reached that others reach."
}

async function ask(url: string, init: RequestInit = {}): Promise<Response | Error> {
  try {
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeout),
    })
    await answer.body?.cancel()
    return answer
  } catch (error) {
    const { cause } = error as Error
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    return new Error(code ?? (error as Error).name)
  }
}
