import { Router } from 'express'

/**
 * `/healthz`: the process lives. `/readyz`: database and bucket answer, and uploads are taken.
 * @param check throws when something does not answer
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
    const ready =
      !isStopping() &&
      (await check().then(
        () => true,
        () => false,
      ))
    res
      .set('Cache-Control', 'no-store')
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ready' : 'unavailable' })
  })
  return router
}
