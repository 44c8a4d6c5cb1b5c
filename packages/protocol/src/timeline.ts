/** Below the mount point: all photos and videos of an owner in outline, for a page that shows them by day. */
export const timelineRoute = '/timeline'

/**
 * Answer of `GET /timeline`: what a page needs to know the place of every photo before it has loaded any, those first
 * that were taken last.
 */
export interface Timeline {
  /** Photos and videos. */
  total: number
  /** Together they hold all of them, in the order of `GET /media?order=taken`. */
  pages: TimelinePage[]
}

/** Some that stand together. One more photo changes the page that it comes into, and leaves the others as they were. */
export interface TimelinePage {
  /** `GET /media?order=taken&cursor=…&limit=…` begins with the first of this page; null for the very first. */
  cursor: string | null
  /** By what the first was sorted: milliseconds since the epoch. */
  from: number
  /** The days on which they were taken. */
  days: TimelineDay[]
  /** Of each, its width as percent of its height. */
  ratios: number[]
}

/** How many stand together on a day. Where zones change, a day may come twice. */
export interface TimelineDay {
  /** For instance `2024-01-31`. */
  date: string
  count: number
}
