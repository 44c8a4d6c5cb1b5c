import { type Media, type Timeline, uprightSize } from '@tintype/protocol'
import { compareInOrder, dateOf, instantOf } from './days.ts'

/** Some photos that stand together; those that are not loaded are known in outline. Never changed: others take its place. */
export interface Page {
  cursor: string | null
  /** By what its first photo was sorted, in milliseconds. */
  from: number
  days: readonly (readonly [date: string, count: number])[]
  ratios: readonly number[]
  media: readonly Media[] | null
}

/** The photos of one day: `count` of them from the place `start` on. */
export interface Day {
  /** `2024-01-31` */
  date: string
  start: number
  count: number
}

/** All photos in the order in which they are shown: day by day, and those of a day as the server has them. */
export interface Outline {
  readonly pages: readonly Page[]
  readonly days: readonly Day[]
  readonly count: number
  /** Width by height. */
  ratioAt(index: number): number
  /** Undefined where it is not loaded. */
  mediaAt(index: number): Media | undefined
  pageAt(index: number): number
  /** Of what is loaded; -1 where it isn't there. */
  indexOf(id: string): number
}

export function createOutline(pages: readonly Page[]): Outline {
  const counts = new Map<string, number>()
  let count = 0
  for (const page of pages) {
    count += page.ratios.length
    for (const [date, some] of page.days) counts.set(date, (counts.get(date) ?? 0) + some)
  }
  const days: Day[] = []
  const starts = new Map<string, number>()
  let at = 0
  for (const date of [...counts.keys()].sort().reverse()) {
    days.push({ date, start: at, count: counts.get(date) ?? 0 })
    starts.set(date, at)
    at += counts.get(date) ?? 0
  }
  const ratios = new Float32Array(count)
  const pageOf = new Uint32Array(count)
  const slotOf = new Uint32Array(count)
  /** The other way round: the place of each photo of a page. */
  const places: Uint32Array[] = []
  for (const [p, page] of pages.entries()) {
    const own = new Uint32Array(page.ratios.length)
    let slot = 0
    for (const [date, some] of page.days) {
      for (let n = 0; n < some; n++, slot++) {
        const place = starts.get(date) ?? 0
        starts.set(date, place + 1)
        ratios[place] = (page.ratios[slot] ?? 100) / 100
        pageOf[place] = p
        slotOf[place] = slot
        own[slot] = place
      }
    }
    places.push(own)
  }
  return {
    pages,
    days,
    count,
    ratioAt: (index) => ratios[index] ?? 1,
    mediaAt: (index) => pages[pageOf[index] ?? -1]?.media?.[slotOf[index] ?? -1],
    pageAt: (index) => pageOf[index] ?? 0,
    indexOf(id) {
      for (const [p, { media }] of pages.entries()) {
        const slot = media?.findIndex((one) => one.id === id) ?? -1
        if (slot >= 0) return places[p]?.[slot] ?? -1
      }
      return -1
    },
  }
}

export const emptyOutline = createOutline([])

/** Of photos that are loaded, in the server's order. */
export function pageOfMedia(cursor: string | null, media: readonly Media[]): Page {
  const days: [string, number][] = []
  for (const one of media) {
    const date = dateOf(one)
    const last = days.at(-1)
    if (last?.[0] === date) last[1]++
    else days.push([date, 1])
  }
  const [first] = media
  return { cursor, from: first ? instantOf(first) : 0, days, ratios: media.map(ratioOf), media }
}

function ratioOf(media: Media): number {
  const { width, height } = uprightSize(media)
  return Math.round((100 * width) / height) || 100
}

/**
 * What the server tells of all photos, with those that are loaded already: a page that begins and ends as before holds what
 * it did.
 */
export function pagesOf(timeline: Timeline, known: readonly Page[]): Page[] {
  const loaded = new Map(known.filter(({ media }) => media).map((page) => [page.cursor, page]))
  // Before the outline came, the first photos were loaded as one page.
  const first = loaded.get(null)?.media ?? []
  let at = 0
  return timeline.pages.map(({ days, ...rest }) => {
    const page: Omit<Page, 'media'> = { ...rest, days: days.map(({ date, count }) => [date, count]) }
    const { length } = page.ratios
    const same = loaded.get(page.cursor)
    const begin = at
    at += length
    if (same?.media && same.ratios.length === length) return { ...page, media: same.media }
    const own = at <= first.length ? pageOfMedia(page.cursor, first.slice(begin, at)) : null
    return own && String(own.ratios) === String(page.ratios)
      ? { ...page, media: own.media }
      : { ...page, media: null }
  })
}

/** With what was loaded of some pages, by their cursors, where it isn't there yet. */
export const withLoaded = (
  pages: readonly Page[],
  loaded: ReadonlyMap<string | null, readonly Media[]>,
): readonly Page[] =>
  pages.map((page) => {
    const media = page.media ? undefined : loaded.get(page.cursor)
    return media ? { ...pageOfMedia(page.cursor, media), from: page.from } : page
  })

/**
 * With these photos in their places, or in another state where they were there.
 * @returns undefined where one comes among photos that are not loaded: the server knows where it stands
 */
export function withMedia(pages: readonly Page[], media: readonly Media[]): readonly Page[] | undefined {
  const ids = new Set(media.map(({ id }) => id))
  const next = pages.map((page) => {
    const rest = page.media?.filter(({ id }) => !ids.has(id))
    if (!rest || rest.length === page.media?.length) return page
    return { ...pageOfMedia(page.cursor, rest), from: page.from }
  })
  const coming = new Map<number, Media[]>()
  for (const one of media) {
    const at = Math.max(0, pageFor(next, instantOf(one)))
    coming.set(at, [...(coming.get(at) ?? []), one])
  }
  for (const [at, some] of coming) {
    const page = next[at] ?? pageOfMedia(null, [])
    if (!page.media) return undefined
    const full = pageOfMedia(page.cursor, [...page.media, ...some].sort(compareInOrder))
    next[at] = { ...full, from: Math.max(full.from, page.from) }
  }
  return next
}

/** The last page that begins with something taken at this time or later; -1 where none does. */
export function pageFor(pages: readonly Page[], time: number): number {
  let at = pages.length - 1
  while (at >= 0 && (pages[at]?.from ?? 0) < time) at--
  return at
}

/** Without these, as far as they are loaded. */
export function without(pages: readonly Page[], ids: ReadonlySet<string>): readonly Page[] {
  return pages.flatMap((page, at) => {
    const { media } = page
    if (!media?.some(({ id }) => ids.has(id))) return [page]
    const rest = media.filter(({ id }) => !ids.has(id))
    // The first page stays, so that the server's list has a beginning.
    return rest.length === 0 && at > 0 ? [] : [{ ...pageOfMedia(page.cursor, rest), from: page.from }]
  })
}
