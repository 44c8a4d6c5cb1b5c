import { CheckIcon } from '../icons.tsx'
import type { Library } from '../useLibrary.ts'
import { titleOf } from './days.ts'
import type { ShownDay } from './layout.ts'
import type { Day, Outline } from './outline.ts'
import { Tile, type TileHands } from './Tile.tsx'

export interface DayOfTilesProps {
  day: ShownDay
  library: Library
  selected: ReadonlySet<string>
  isSelecting: boolean
  stop: number
  hands: TileHands
  today: string
}

/** The photos of one day that are in the page. */
export function DayOfTiles({
  day: { date, title: place, tiles },
  library: { outline },
  selected,
  isSelecting,
  stop,
  hands,
  today,
}: DayOfTilesProps) {
  const title = titleOf(date, today)
  const day = place && outline.days.find((one) => one.date === date)
  return (
    <section aria-label={title}>
      {day && (
        <div
          className="day-head"
          style={{
            transform: `translate(${place.left}px, ${place.top}px)`,
            maxWidth: place.room === undefined ? `calc(100% - ${place.left}px)` : `${place.room}px`,
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
      <ul aria-label={title}>
        {tiles.map(({ index, ...box }) => {
          const media = outline.mediaAt(index)
          return (
            <Tile
              key={media?.id ?? index}
              {...box}
              media={media}
              index={index}
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
