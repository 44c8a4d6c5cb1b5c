import type { Anchor } from './useScroll.ts'

const key = (query: string) => `tintype.place.${query}`

/** Where one was in the photos, for when this page is loaded again or gone back to. */
export function keepPlace(query: string, anchor: Anchor | null): void {
  try {
    if (anchor) sessionStorage.setItem(key(query), JSON.stringify(anchor))
    else sessionStorage.removeItem(key(query))
  } catch {
    // Without storage a reload begins at the top.
  }
}

/** Null where the page is visited anew. */
export function readPlace(query: string): Anchor | null {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation?.type === 'navigate') return null
  try {
    return JSON.parse(sessionStorage.getItem(key(query)) ?? 'null')
  } catch {
    return null
  }
}
