import { type Request, Router } from 'express'
import { TintypeError } from 'tintype/internal/errors'
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
  authenticate(req: Request): string | null
}): Router {
  const router = Router()
  router.get('/metrics', async (req, res) => {
    if (authenticate(req) === null) {
      throw new TintypeError('unauthenticated', 'Send the token as Authorization: Bearer.')
    }
    res.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(await text())
  })
  return router
}
