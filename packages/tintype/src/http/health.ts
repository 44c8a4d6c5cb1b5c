import { Router } from 'express'
import { TintypeError } from '../errors.ts'

/**
 * `/healthz`: the process lives. `/readyz`: database and bucket answer, and uploads are taken; else 503.
 * @param options.check throws when something does not answer
 */
export function healthRoutes({
  check,
  isStopping,
}: {
  check(): Promise<void>
  isStopping(): boolean
}): Router {
  const router = Router()
  router.get('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' })
  })
  router.get('/readyz', async (_req, res) => {
    if (isStopping()) throw new TintypeError('shutting_down', 'The server is stopping: ask another one.')
    await check()
    res.set('Cache-Control', 'no-store').json({ status: 'ready' })
  })
  return router
}
