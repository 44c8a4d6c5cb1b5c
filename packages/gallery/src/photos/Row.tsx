import { CheckIcon } from '../icons.tsx'
import type { Library } from '../useLibrary.ts'
import { titleOf } from './days.ts'
import { boxesOf, dayGap, type Row, titleHeight } from './layout.ts'
import type { Day, Outline } from './outline.ts'
import { Tile, type TileHands } from './Tile.tsx'

export interface RowProps {
  row: Row
  library: Library
  selected: ReadonlySet<string>
  isSelecting: boolean
  stop: number
  hands: TileHands
  today: string
}

/** Photos of one day, or of several short ones, side by side. */
export function RowOfTiles({
  row,
  library: { outline },
  selected,
  isSelecting,
  stop,
  hands,
  today,
}: RowProps) {
  const hasTitle = row.segments.some((one) => one.hasTitle)
  return (
    <div className="row" style={{ top: `${row.top}px` }}>
      {row.segments.map((segment, n) => {
        const { date, first, x, height } = segment
        const boxes = boxesOf(segment, outline)
        const next = row.segments[n + 1]
        const title = titleOf(date, today)
        const day = segment.hasTitle ? outline.days.find((one) => one.date === date) : undefined
        return (
          <section key={first} aria-label={title}>
            {day && (
              <div
                className="day-head"
                style={{
                  left: `${x}px`,
                  maxWidth: next ? `${next.x - dayGap - x}px` : `calc(100% - ${x}px)`,
                }}
              >
                <h2 lang={language}>
                  <time dateTime={date}>{title}</time>
                </h2>
                <DayCheck
                  title={title}
                  isSelected={isSelecting && isAllSelected(day, outline, selected)}
                  isStop={stop >= day.start && stop < day.start + day.count}
                  onToggle={(isSelected) => hands.day(day, isSelected)}
                />
              </div>
            )}
            <ul style={{ top: `${hasTitle ? titleHeight : 0}px` }} aria-label={title}>
              {boxes.map(({ index, left, width }) => {
                const media = outline.mediaAt(index)
                return (
                  <Tile
                    key={media?.id ?? index}
                    media={media}
                    index={index}
                    left={left}
                    width={width}
                    height={height}
                    isStop={index === stop}
                    isSelected={media !== undefined && selected.has(media.id)}
                    isSelecting={isSelecting}
                    hands={hands}
                  />
                )
              })}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

interface DayCheckProps {
  title: string
  isSelected: boolean
  /** Tab leads to it: to that of one day. */
  isStop: boolean
  onToggle: (isSelected: boolean) => void
}

function DayCheck({ title, isSelected, isStop, onToggle }: DayCheckProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it has to be drawn as those of photos are
    <button
      type="button"
      className="day-check"
      role="checkbox"
      aria-checked={isSelected}
      aria-label={`Select all of ${title}`}
      tabIndex={isStop ? 0 : -1}
      onClick={() => onToggle(!isSelected)}
    >
      <CheckIcon />
    </button>
  )
}

function isAllSelected({ start, count }: Day, outline: Outline, selected: ReadonlySet<string>): boolean {
  for (let index = start; index < start + count; index++) {
    const media = outline.mediaAt(index)
    if (!media || !selected.has(media.id)) return false
  }
  return true
}

/** That of the titles: the rest of the page is English. */
const language = new Intl.DateTimeFormat().resolvedOptions().locale
