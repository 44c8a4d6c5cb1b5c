import { TintypeError } from 'tintype/internal/errors'
import type { Sender } from 'tintype/internal/http/owner'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { contentType } from 'tintype/internal/metrics/registry'

/**
 * `/metrics` of the ready server. What it tells is nobody else's business: so it asks for the token as everything
 * else does, and without a token only this machine can connect at all.
 */
export function metricsRoute({
  text,
  authenticate,
}: {
  text(): Promise<string>
  authenticate(request: Sender): Promise<string | null>
}): Route {
  const tell: Handler = async (request) => {
    if ((await authenticate(request)) === null) {
      throw new TintypeError('unauthenticated', 'Send the token as Authorization: Bearer.')
    }
    const headers = { 'Content-Type': contentType, 'Cache-Control': 'no-store' }
    return { status: 200, headers, body: await text() }
  }
  return { path: '/metrics', methods: { GET: tell } }
}
