import { useMemo } from 'react'
import { Unreachable } from '../Unreachable.tsx'
import type { Library } from '../useLibrary.ts'
import { DaySection } from './DaySection.tsx'
import { toDays } from './days.ts'
import { Empty } from './Empty.tsx'
import { More } from './More.tsx'

export interface PhotosProps {
  library: Library
  uploading: boolean
  onOpen: (id: string) => void
  onPick: () => void
}

/** The grid, or its replacement: loading, nothing yet, not reachable. */
export function Photos({ library, uploading, onOpen, onPick }: PhotosProps) {
  const { media, next, loading, error, loadMore, refresh } = library
  const days = useMemo(() => toDays(media), [media])

  if (media.length === 0 && next === undefined) {
    return error === null ? <Skeleton /> : <Unreachable message={error} onRetry={loadMore} />
  }
  if (media.length === 0 && next === null) return <Empty uploading={uploading} onPick={onPick} />
  return (
    <>
      <div className="days">
        {days.map((day) => (
          <DaySection key={day.date} day={day} onOpen={onOpen} onRefresh={refresh} />
        ))}
      </div>
      {next !== null && <More cursor={next} loading={loading} error={error} onMore={loadMore} />}
    </>
  )
}

const ratios = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 0.67, 1.33, 1.5]

function Skeleton() {
  return (
    <ul className="grid skeleton" aria-busy="true" aria-label="Loading photos">
      {ratios.map((ratio, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move
        <li key={n} className="tile" style={{ '--ratio': ratio }} />
      ))}
    </ul>
  )
}
