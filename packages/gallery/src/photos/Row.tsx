import type { Library } from '../useLibrary.ts'
import { titleOf } from './days.ts'
import { boxesOf, type Row, titleHeight } from './layout.ts'
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
      {row.segments.map((segment) => {
        const { date, first, x, height } = segment
        const boxes = boxesOf(segment, outline)
        const end = boxes.at(-1)
        const title = titleOf(date, today)
        return (
          <section key={first} aria-label={title}>
            {segment.hasTitle && (
              <h2
                lang={language}
                style={{
                  left: `${x}px`,
                  maxWidth: `${Math.max(136, (end ? end.left + end.width : 0) - x)}px`,
                }}
              >
                <time dateTime={date}>{title}</time>
              </h2>
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

/** That of the titles: the rest of the page is English. */
const language = new Intl.DateTimeFormat().resolvedOptions().locale
