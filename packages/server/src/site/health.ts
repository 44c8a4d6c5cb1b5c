import { type Clock, systemClock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { jsonAnswer } from 'tintype/internal/http/exchange'
import type { Route } from 'tintype/internal/http/routes'

/** Anybody may ask, without a token: so what is learnt is good for all who ask within this time. Milliseconds. */
const freshness = 1000

/**
 * `/healthz`: the process lives. `/readyz`: database and bucket answer, and uploads are taken; else 503.
 * @param options.check throws when something does not answer. It is asked once a second at the most
 */
export function healthRoutes({
  check,
  isStopping,
  clock = systemClock,
}: {
  check(): Promise<void>
  isStopping(): boolean
  clock?: Clock
}): Route[] {
  let checked: Promise<void> | undefined

  function checkOnce(): Promise<void> {
    if (!checked) {
      checked = check()
      const forget = () =>
        void clock.after(freshness, () => {
          checked = undefined
        })
      checked.then(forget, forget)
    }
    return checked
  }

  async function ready() {
    if (isStopping()) throw new TintypeError('shutting_down', 'The server is stopping: ask another one.')
    await checkOnce()
    return status('ready')
  }

  return [
    { path: '/healthz', methods: { GET: () => status('ok') } },
    { path: '/readyz', methods: { GET: ready } },
  ]
}

function status(status: string) {
  return jsonAnswer({ status }, 200, { 'Cache-Control': 'no-store' })
}
