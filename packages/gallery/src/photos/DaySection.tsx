import type { CSSProperties } from 'react'
import { type Day, localDate, titleOf } from './days.ts'
import { ratioOf, Tile, type TileProps } from './Tile.tsx'

export interface DaySectionProps extends Pick<TileProps, 'onOpen' | 'onRefresh'> {
  day: Day
}

/** The photos and videos of one day. Days with few of them stand side by side. */
export function DaySection({ day, onOpen, onRefresh }: DaySectionProps) {
  const { date, media } = day
  const ratios = media.reduce((sum, one) => sum + ratioOf(one), 0)
  const style = { '--ratios': ratios, '--gaps': media.length - 1 } as CSSProperties
  return (
    <section className="day" style={style} aria-labelledby={`day-${date}`}>
      <h2 id={`day-${date}`} lang={language}>
        <time dateTime={date}>{titleOf(date, localDate(new Date()))}</time>
      </h2>
      <ul className="grid" data-full={media.length > fewTiles} aria-labelledby={`day-${date}`}>
        {media.map((one) => (
          <Tile key={one.id} media={one} onOpen={onOpen} onRefresh={onRefresh} />
        ))}
      </ul>
    </section>
  )
}

/** More of them fill a row: then the last row keeps its height and its gaps. */
const fewTiles = 6

/** That of the titles: the rest of the page is English. */
const language = new Intl.DateTimeFormat().resolvedOptions().locale
