import type { Outline } from './outline.ts'

/** Some photos of one day, side by side in a row. */
export interface Segment {
  date: string
  /** Places in the outline: from `first` up to `end`, without it. */
  first: number
  end: number
  /** Pixels from the left. */
  x: number
  /** Of each photo. */
  height: number
  /** The day begins here. */
  hasTitle: boolean
}

export interface Row {
  top: number
  /** With the title, and the gap below. */
  height: number
  segments: Segment[]
}

export interface Layout {
  rows: readonly Row[]
  height: number
  width: number
}

export const gap = 4
export const dayGap = 24
const rowGap = 20
export const titleHeight = 36
/** A day's name needs this much, however narrow its only photo is. */
const narrowestDay = 136

/** Strips and panoramas would be too narrow, or leave no room in their row: the viewer shows them whole. */
export const shownRatio = (ratio: number) => Math.min(3, Math.max(0.45, ratio))

/** How high rows are about. */
export const rowHeight = (width: number) =>
  width < 600 ? Math.max(120, width * 0.44) : Math.min(240, 150 + width * 0.06)

/**
 * Rows that are filled from edge to edge and nearly of one height, so that each photo is whole. Days begin rows of their own, but
 * short ones that follow each other share one.
 */
export function layOut(outline: Pick<Outline, 'days' | 'ratioAt'>, width: number): Layout {
  const wanted = rowHeight(width)
  const rows: Row[] = []
  if (width === 0) return { rows, height: 0, width }
  let top = 0
  let shared: Segment[] = []
  let used = 0

  const ratioOf = (index: number) => shownRatio(outline.ratioAt(index))
  const sum = (first: number, end: number) => {
    let all = 0
    for (let i = first; i < end; i++) all += ratioOf(i)
    return all
  }
  const push = (segments: Segment[], isLast: boolean) => {
    const hasTitle = segments.some((one) => one.hasTitle)
    const tiles = Math.max(...segments.map((one) => one.height))
    const height = tiles + (hasTitle ? titleHeight : 0) + (isLast ? rowGap : gap)
    rows.push({ top, height, segments })
    top += height
  }
  /** Makes the short days of a row as high as lets them fill it. */
  const flush = () => {
    if (shared.length === 0) return
    const ratios = shared.map(({ first, end }) => sum(first, end))
    const gaps = shared.reduce((all, { first, end }) => all + (end - first - 1) * gap, 0)
    const room = width - gaps - (shared.length - 1) * dayGap
    const filled = room / ratios.reduce((all, one) => all + one, 0)
    const height = filled > wanted * 1.4 ? wanted : Math.max(wanted * 0.7, filled)
    let x = 0
    for (const [n, segment] of shared.entries()) {
      const own = (ratios[n] ?? 1) * height + (segment.end - segment.first - 1) * gap
      Object.assign(segment, { x, height })
      x += Math.max(own, narrowestDay) + dayGap
    }
    // Where names need more room than their photos have, these are lower than that.
    const over = x - dayGap - width
    if (over > 1) for (const segment of shared) segment.x *= width / (width + over)
    push(shared, true)
    shared = []
    used = 0
  }

  for (const { date, start, count } of outline.days) {
    const end = start + count
    const natural = sum(start, end) * wanted + (count - 1) * gap
    const needed = Math.max(natural, narrowestDay)
    if (natural <= width) {
      if (used > 0 && used + dayGap + needed > width * 1.06) flush()
      used += (used > 0 ? dayGap : 0) + needed
      shared.push({ date, first: start, end, x: 0, height: wanted, hasTitle: true })
      continue
    }
    flush()
    let first = start
    while (first < end) {
      let ratios = 0
      let next = first
      let height = Number.POSITIVE_INFINITY
      while (next < end) {
        const more = ratios + ratioOf(next)
        const lower = (width - (next - first) * gap) / more
        // The height that is nearer to what is wanted.
        if (lower < wanted && height - wanted < wanted - lower && next > first) break
        ratios = more
        height = lower
        next++
        if (lower < wanted) break
      }
      const isLast = next >= end
      if (isLast && height > wanted * 1.25) height = wanted
      push([{ date, first, end: next, x: 0, height, hasTitle: first === start }], isLast)
      first = next
    }
  }
  flush()
  return { rows, height: top, width }
}

/** The row at this height: the first that ends below it. */
export function rowAt({ rows }: Layout, y: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && row.top + row.height <= y) low = middle + 1
    else high = middle
  }
  return low
}

/** The row in which a photo stands. */
export function rowOf({ rows }: Layout, index: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const end = rows[middle]?.segments.at(-1)?.end ?? 0
    if (end <= index) low = middle + 1
    else high = middle
  }
  return low
}

/** Where the photos of a segment begin and how wide they are. */
export function boxesOf({ first, end, x, height }: Segment, outline: Pick<Outline, 'ratioAt'>) {
  let left = x
  return Array.from({ length: end - first }, (_, n) => {
    const width = shownRatio(outline.ratioAt(first + n)) * height
    const box = { index: first + n, left, width }
    left += width + gap
    return box
  })
}

/** What rows show of a day, in pixels from the top left of all rows. */
export interface ShownDay {
  date: string
  /** Its name, where the day begins; with the room for it, unless that ends with the row. */
  title: { left: number; top: number; room: number | undefined } | undefined
  tiles: Box[]
}

/** Of a photo. */
export interface Box {
  index: number
  left: number
  top: number
  width: number
  height: number
}

/** The days of these rows. */
export function daysIn(rows: readonly Row[], outline: Pick<Outline, 'ratioAt'>): ShownDay[] {
  const days = new Map<string, ShownDay>()
  for (const { top, segments } of rows) {
    const below = segments.some(({ hasTitle }) => hasTitle) ? titleHeight : 0
    for (const [n, segment] of segments.entries()) {
      const { date, x, height, hasTitle } = segment
      const day = days.get(date) ?? { date, title: undefined, tiles: [] }
      days.set(date, day)
      const next = segments[n + 1]
      if (hasTitle) day.title = { left: x, top, room: next && next.x - dayGap - x }
      for (const { index, left, width } of boxesOf(segment, outline))
        day.tiles.push({ index, left, top: top + below, width, height })
    }
  }
  return [...days.values()]
}

/** The photo above or below another: the one whose middle is nearest. */
export function indexBelow(layout: Layout, outline: Outline, index: number, step: 1 | -1): number {
  const row = rowOf(layout, index)
  const boxesIn = (at: number) => layout.rows[at]?.segments.flatMap((one) => boxesOf(one, outline)) ?? []
  const own = boxesIn(row).find((box) => box.index === index)
  const others = boxesIn(row + step)
  if (!own || others.length === 0) return index
  const middle = own.left + own.width / 2
  const away = (box: { left: number; width: number }) => Math.abs(box.left + box.width / 2 - middle)
  return others.reduce((best, box) => (away(box) < away(best) ? box : best)).index
}
