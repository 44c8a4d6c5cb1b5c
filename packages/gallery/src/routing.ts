import { useEffect, useState } from 'react'
import { addressOf, parseRoute, type Route } from './addresses.ts'

export interface Router {
  route: Route
  /** To another view: Back leads here again. */
  open(route: Route): void
  /** Instead of this one. */
  replace(route: Route): void
  /** Back to where this was opened from, or to this where it was visited directly. */
  leave(to: Route): void
}

/** The part of the browser's history that is ours. */
interface Entry {
  /** Back leads to another view of this page. */
  isOpened?: boolean
}

/** @param folder in which the addresses of this page lie, e.g. `/` */
export function useRouter(folder: string): Router {
  const [route, setRoute] = useState(() => parseRoute(location, folder))
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location, folder))
    window.addEventListener('popstate', follow)
    return () => window.removeEventListener('popstate', follow)
  }, [folder])
  const [router] = useState(() => createRouter(setRoute, folder))
  return { route, ...router }
}

function createRouter(show: (route: Route) => void, folder: string): Omit<Router, 'route'> {
  /** A second press while the browser is still going back would leave the page. */
  let isLeaving = false
  window.addEventListener('popstate', () => {
    isLeaving = false
  })
  const entry = () => (history.state ?? {}) as Entry
  const replace = (route: Route, state: Entry = entry()) => {
    history.replaceState(state, '', addressOf(route, folder))
    show(route)
  }
  return {
    open(route) {
      history.pushState({ isOpened: true } satisfies Entry, '', addressOf(route, folder))
      show(route)
    },
    replace: (route) => replace(route),
    leave(to) {
      if (isLeaving) return
      if (!entry().isOpened) return replace(to, {})
      isLeaving = true
      // The browser takes a moment, and tells then where it is.
      show(to)
      history.back()
    },
  }
}
