import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { Library } from '../useLibrary.ts'
import { DayOfTiles } from './DayOfTiles.tsx'
import { localDate } from './days.ts'
import { daysIn, indexBelow, layOut, rowOf } from './layout.ts'
import { Scrubber } from './Scrubber.tsx'
import { focusTile, type TileHands } from './Tile.tsx'
import { useMarquee } from './useMarquee.ts'
import { useScroll } from './useScroll.ts'
import { useSelecting } from './useSelecting.ts'
import type { Selection } from './useSelection.ts'

export interface GridProps {
  library: Library
  visit: string
  /** Null: nothing can be selected. */
  selection: Selection | null
  onOpen: (id: string) => void
  /** Shows a photo in the grid, and puts the focus on it. */
  revealRef: RefObject<((id: string) => boolean) | null>
}

/** All photos by day, of which only those in view are in the page. */
export function Grid({ library, visit, selection: given, onOpen, revealRef }: GridProps) {
  const selection = given ?? noSelection
  const { outline, store, arrived, isWhole } = library
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const layout = useMemo(() => layOut(outline, width), [outline, width])
  const scroll = useScroll(box, outline, layout, isWhole, visit)
  const { range } = scroll
  const [focused, setFocused] = useState<{ index: number; id?: string | undefined }>({ index: 0 })
  // What has come above it since has moved it.
  const moved = focused.id === undefined ? -1 : outline.indexOf(focused.id)
  const stop = moved < 0 ? focused.index : moved
  const setStop = (index: number) => setFocused({ index, id: outline.mediaAt(index)?.id })
  const isSelecting = selection.ids.size > 0
  const marquee = useMarquee(box, library, layout, selection)

  // What has the focus stays in the page, however far one scrolls.
  const stopRow = rowOf(layout, stop)
  const aside = hasFocus(box.current) ? layout.rows.slice(stopRow, stopRow + 1) : []
  const days = daysIn(
    [
      ...(stopRow < range[0] ? aside : []),
      ...layout.rows.slice(...range),
      ...(stopRow >= range[1] ? aside : []),
    ],
    outline,
  )

  useEffect(() => {
    // It is not known yet what is in view.
    if (range[1] === 0) return
    const timer = setTimeout(
      () => {
        const middle = (range[0] + range[1]) / 2
        const near = layout.rows
          .slice(...range)
          .map((row, n) => ({ row, away: Math.abs(range[0] + n - middle) }))
        const pages = new Set<number>()
        for (const { row } of near.sort((a, b) => a.away - b.away))
          for (const { first, end } of row.segments)
            for (let index = first; index < end; index++) pages.add(outline.pageAt(index))
        store.want([...pages])
      },
      range[0] === 0 ? 0 : 60,
    )
    return () => clearTimeout(timer)
  }, [range, layout, outline, store])

  /** The focus goes there once it is in the page. */
  const focusNext = useRef<number | null>(null)
  const focusWanted = () => {
    const index = focusNext.current
    const media = index === null ? undefined : outline.mediaAt(index)
    if (media && focusTile(media.id)) focusNext.current = null
  }
  useLayoutEffect(focusWanted)
  const goTo = (index: number) => {
    const next = Math.max(0, Math.min(outline.count - 1, index))
    setStop(next)
    focusNext.current = next
    scroll.reveal(next)
    // Where it is in the page already, nothing is drawn anew.
    focusWanted()
  }
  revealRef.current = (id) => {
    const index = outline.indexOf(id)
    if (index >= 0) goTo(index)
    return index >= 0
  }

  const selecting = useSelecting(library, selection)
  const calls: TileHands = {
    ...selecting.hands,
    press(index, event) {
      const media = outline.mediaAt(index)
      if (selecting.hands.press(index, event)) return
      if (media) onOpen(media.id)
    },
    focus: setStop,
    refresh: store.refresh,
  }
  const hands = useSteady(calls)

  const onKeyDown = (event: KeyboardEvent) => {
    const index = stop
    const isRtl = getComputedStyle(document.documentElement).direction === 'rtl'
    const targets: Record<string, () => number> = {
      ArrowRight: () => index + (isRtl ? -1 : 1),
      ArrowLeft: () => index - (isRtl ? -1 : 1),
      ArrowDown: () => indexBelow(layout, outline, index, 1),
      ArrowUp: () => indexBelow(layout, outline, index, -1),
      Home: () => 0,
      End: () => outline.count - 1,
    }
    const target = targets[event.key]
    if (target && !event.altKey && !event.ctrlKey && !event.metaKey) {
      const next = Math.max(0, Math.min(outline.count - 1, target()))
      if (event.shiftKey) selecting.between(index, next)
      goTo(next)
    } else if (event.key === 'x') selecting.toggle(index, false)
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && isSelecting)
      selecting.between(0, outline.count - 1)
    else return
    event.preventDefault()
  }

  // What is new, or gone, moves the others, which are seen to go. Further down nothing moves; and a window that is resized
  // is followed at once.
  const before = useRef({ width, isWhole })
  const isGliding = scroll.isTop && before.current.isWhole && before.current.width === width
  useEffect(() => {
    before.current = { width, isWhole }
  }, [width, isWhole])

  const today = localDate(new Date())
  const above = [...arrived].filter((id) => {
    const index = outline.indexOf(id)
    return index >= 0 && rowOf(layout, index) < range[0]
  }).length
  const isTop = range[0] === 0
  useEffect(() => {
    if (isTop && window.scrollY < 200) store.seen()
  }, [isTop, store])

  return (
    <>
      <div className="photos" {...(given ? marquee.hands : {})}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: keys move between the buttons inside */}
        <div
          ref={box}
          className="rows"
          style={{ height: `${layout.height}px` }}
          data-selecting={isSelecting}
          data-selectable={given !== null}
          data-gliding={isGliding}
          aria-busy={!isWhole}
          onKeyDown={onKeyDown}
        >
          {days.map((day) => (
            <DayOfTiles
              key={day.date}
              day={day}
              library={library}
              selected={selection.ids}
              isSelecting={isSelecting}
              stop={stop}
              hands={hands}
              today={today}
            />
          ))}
          {marquee.shown && <span className="marquee" style={marquee.shown} />}
        </div>
      </div>
      {above > 0 && (
        <button
          type="button"
          className="button primary pill"
          onClick={() => {
            store.seen()
            window.scrollTo({ top: 0 })
          }}
        >
          {above} new
        </button>
      )}
      <Scrubber outline={outline} layout={layout} topOf={scroll.topOf} onScroll={scroll.scrollTo} />
    </>
  )
}

const noSelection: Selection = {
  ids: new Set(),
  media: [],
  toggle() {},
  set() {},
  async setLater() {},
  only() {},
  clear() {},
}

const hasFocus = (element: HTMLElement | null) => element?.contains(document.activeElement) ?? false

/** The same functions in every render, which call those of the last one. */
function useSteady(calls: TileHands): TileHands {
  const now = useRef(calls)
  now.current = calls
  const [steady] = useState<TileHands>(() => ({
    press: (...all) => now.current.press(...all),
    toggle: (...all) => now.current.toggle(...all),
    day: (...all) => now.current.day(...all),
    focus: (...all) => now.current.focus(...all),
    touch: (...all) => now.current.touch(...all),
    refresh: (...all) => now.current.refresh(...all),
  }))
  return steady
}

function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = box
    if (!current) return
    setWidth(current.clientWidth)
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [box])
  return width
}
