import { leaves } from './person.ts'

/** The photo at the upper edge: what stays where it is while others come and go. */
export interface Anchor {
  id: string | null
  date: string
  /** Which of its day it is. */
  ordinal: number
  /** Pixels of its row above the edge of the window. */
  offset: number
}

/** Where one was in a list: by the photo at the upper edge, or in pixels from the top where there are none. */
export type Place = Anchor | { top: number }

const key = 'tintype.places'
/** Visits whose place is kept; beyond that, the oldest go. */
const most = 100

/** By the visit of a list: Back, Forward and a reload lead to the same one. Null until it is needed. */
let places: Map<string, Place> | null = null

/** Where one was at this visit of a list; null: at its beginning. */
export function placeOf(visit: string): Place | null {
  places ??= read()
  return places.get(visit) ?? null
}

/** Notes where one is. Costs nothing: it is called with each frame that scrolls. */
export function keepPlace(visit: string, place: Place | null): void {
  places ??= read()
  places.delete(visit)
  if (place) places.set(visit, place)
}

/** For when this page is loaded again. */
export function storePlaces(): void {
  // The next person in this tab is to find nothing of them.
  if (!places || leaves()) return
  try {
    sessionStorage.setItem(key, JSON.stringify([...places].slice(-most)))
  } catch {
    // Without storage a reload begins at the top.
  }
}

function read(): Map<string, Place> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(key) ?? '[]'))
  } catch {
    return new Map()
  }
}
