import { useEffect, useState } from 'react'
import { addressOf, parseRoute, type Route } from './addresses.ts'
import { storePlaces } from './places.ts'

export interface Router {
  route: Route
  /** Names this visit of the list that is shown, or lies below a photo: another one of the same list has its own place. */
  visit: string
  /** To another view: Back leads here again. */
  open(route: Route): void
  /** Instead of this one. */
  replace(route: Route): void
  /** Back to where this was opened from if that is what `to` names, else to it instead of this one. */
  leave(to: Route): void
}

/** What is shown. */
type Shown = Pick<Router, 'route' | 'visit'>

/** The part of the browser's history that is ours. */
interface Entry {
  visit: string
  /** Where Back leads to. */
  from?: { address: string; visit: string }
}

/** @param folder in which the addresses of this page lie, e.g. `/` */
export function useRouter(folder: string): Router {
  const [shown, setShown] = useState(() => current(folder))
  useEffect(() => {
    const follow = () => setShown(current(folder))
    const onHide = () => document.hidden && storePlaces()
    // The page knows where its photos are, and scrolls when they are there.
    history.scrollRestoration = 'manual'
    window.addEventListener('popstate', follow)
    window.addEventListener('pagehide', storePlaces)
    document.addEventListener('visibilitychange', onHide)
    return () => {
      window.removeEventListener('popstate', follow)
      window.removeEventListener('pagehide', storePlaces)
      document.removeEventListener('visibilitychange', onHide)
    }
  }, [folder])
  const [router] = useState(() => createRouter(setShown, folder))
  return { ...shown, ...router }
}

function createRouter(show: (shown: Shown) => void, folder: string): Omit<Router, keyof Shown> {
  /** A second press while the browser is still going back would leave the page. */
  let isLeaving = false
  window.addEventListener('popstate', () => {
    isLeaving = false
  })
  const replace = (route: Route) => {
    const now = current(folder)
    const visit = isSameList(now.route, route) ? now.visit : newVisit()
    history.replaceState({ ...entry(), visit } satisfies Entry, '', addressOf(route, folder))
    show({ route, visit })
  }
  return {
    open(route) {
      const now = current(folder)
      const isOver = route.at === 'photo' && isSameList(now.route, route)
      const visit = isOver ? now.visit : newVisit()
      const from = { address: addressOf(now.route, folder), visit: now.visit }
      history.pushState({ visit, from } satisfies Entry, '', addressOf(route, folder))
      show({ route, visit })
    },
    replace,
    leave(to) {
      if (isLeaving) return
      const { from } = entry()
      if (from?.address !== addressOf(to, folder)) return replace(to)
      isLeaving = true
      // The browser takes a moment, and tells then where it is.
      show({ route: to, visit: from.visit })
      history.back()
    },
  }
}

/** Of an address that was visited by itself, too. */
function entry(): Entry {
  const { state } = history
  if (typeof state?.visit === 'string') return state
  const own: Entry = { visit: newVisit() }
  history.replaceState(own, '')
  return own
}

const current = (folder: string): Shown => ({ route: parseRoute(location, folder), visit: entry().visit })

const newVisit = () => Math.random().toString(36).slice(2)

const listOf = (at: Route['at']) => (at === 'photo' ? 'photos' : at)

/** Whether the same list is shown, by itself or below a photo. */
function isSameList(a: Route, b: Route): boolean {
  return listOf(a.at) === listOf(b.at) && a.query === b.query && a.album === b.album
}
