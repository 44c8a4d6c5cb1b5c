import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { monthOf } from './days.ts'
import { type Layout, rowAt } from './layout.ts'
import type { Outline } from './outline.ts'

export interface ScrubberProps {
  outline: Outline
  layout: Layout
  topOf: () => number
  /** @param y within the photos */
  onScroll: (y: number) => void
}

/** Pixels between the years beside it. */
const apart = 24

/** A bar for all the years: pulled, it leads to any month at once. */
export function Scrubber({ outline, layout, topOf, onScroll }: ScrubberProps) {
  const bar = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(0)
  const [isHeld, setHeld] = useState(false)
  const [barHeight, setBarHeight] = useState(0)
  const room = Math.max(1, layout.height - window.innerHeight)

  useEffect(() => {
    let frame = 0
    const look = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => {
        setAt(Math.min(1, Math.max(0, (window.scrollY - topOf()) / room)))
        setBarHeight(bar.current?.clientHeight ?? 0)
      })
    }
    look()
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [topOf, room])

  const years = useMemo(() => yearsOf(layout, room, barHeight), [layout, room, barHeight])
  const isLong = layout.height > window.innerHeight * 3
  if (!isLong) return null

  const date = layout.rows[Math.min(layout.rows.length - 1, rowAt(layout, at * room + 80))]?.segments[0]?.date
  const month = date === undefined ? '' : monthOf(date)
  const pull = ({ clientY }: PointerEvent) => {
    const { top, height } = bar.current?.getBoundingClientRect() ?? { top: 0, height: 1 }
    onScroll(Math.min(1, Math.max(0, (clientY - top) / height)) * room)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key]
    if (step === undefined || date === undefined) return
    event.preventDefault()
    onScroll(topOfMonth(outline, layout, date, step))
  }
  return (
    <div
      ref={bar}
      className="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Date"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)}
      aria-valuetext={month}
      data-held={isHeld}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        bar.current?.setPointerCapture(event.pointerId)
        setHeld(true)
        pull(event)
      }}
      onPointerMove={(event) => isHeld && pull(event)}
      onPointerUp={() => setHeld(false)}
      onPointerCancel={() => setHeld(false)}
    >
      {years.map(({ year, y }) => (
        <span
          key={year}
          className="scrubber-year"
          // The month is told there.
          data-covered={Math.abs(y - at * barHeight) < apart * 0.75}
          style={{ top: `${y}px` }}
          aria-hidden="true"
        >
          {year}
        </span>
      ))}
      <span className="scrubber-thumb" style={{ top: `${at * 100}%` }}>
        <span className="scrubber-month" aria-hidden="true">
          {month}
        </span>
      </span>
    </div>
  )
}

/** As many as there is room for, each where its last photo is. */
function yearsOf({ rows }: Layout, room: number, height: number): { year: string; y: number }[] {
  const years: { year: string; y: number }[] = []
  let known = ''
  for (const { top, segments } of rows) {
    const year = segments[0]?.date.slice(0, 4) ?? ''
    if (year === known) continue
    known = year
    const y = Math.min(1, top / room) * height
    if (y - (years.at(-1)?.y ?? -apart) >= apart) years.push({ year, y })
  }
  return years
}

/** Where the month so many months before this one begins. @param months -1: the one after it */
function topOfMonth({ days }: Outline, { rows }: Layout, date: string, months: number): number {
  const all = [...new Set(days.map((day) => day.date.slice(0, 7)))]
  const now = all.indexOf(date.slice(0, 7))
  const month = all[Math.min(all.length - 1, Math.max(0, now + months))]
  return rows.find(({ segments }) => segments.some((one) => one.date.slice(0, 7) === month))?.top ?? 0
}
