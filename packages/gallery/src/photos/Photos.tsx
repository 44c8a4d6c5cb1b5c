import { type ReactNode, type RefObject, useLayoutEffect } from 'react'
import { SearchIcon } from '../icons.tsx'
import { Unreachable } from '../Unreachable.tsx'
import type { Library } from '../useLibrary.ts'
import { localDate, monthOf } from './days.ts'
import { Grid } from './Grid.tsx'
import type { Selection } from './useSelection.ts'

export interface PhotosProps {
  library: Library
  query: string
  /** Of this list: see routing.ts. */
  visit: string
  /** Null: nothing can be selected. */
  selection: Selection | null
  /** In the place of photos where there are none. */
  empty: ReactNode
  onOpen: (id: string) => void
  /** Shows all of them again, where nothing was found. */
  onLeaveSearch?: () => void
  revealRef: RefObject<((id: string) => boolean) | null>
}

/** The grid, or its replacement: loading, nothing yet, nothing found, not reachable. */
export function Photos({
  library,
  query,
  visit,
  selection,
  empty,
  onOpen,
  onLeaveSearch,
  revealRef,
}: PhotosProps) {
  const { outline, phase, error, store } = library
  const hasNone = outline.count === 0
  // What is said instead of photos begins at the top, however far down one was among them.
  useLayoutEffect(() => {
    if (hasNone && phase !== 'loading') window.scrollTo({ top: 0, behavior: 'instant' })
  }, [hasNone, phase])
  if (hasNone) {
    if (phase === 'failed') return <Unreachable message={error ?? ''} onRetry={store.retry} />
    if (phase === 'loading') return <Skeleton />
    if (query !== '') return <NothingFound query={query} onLeave={onLeaveSearch} />
    return empty
  }
  return (
    <>
      {error !== null && (
        <p className="trouble" role="status">
          {navigator.onLine
            ? error
            : 'There is no connection. What was loaded is shown; the rest follows by itself.'}{' '}
          <button type="button" className="button quiet" onClick={store.retry}>
            Try again
          </button>
        </p>
      )}
      <Grid
        key={visit}
        library={library}
        visit={visit}
        selection={selection}
        onOpen={onOpen}
        revealRef={revealRef}
      />
    </>
  )
}

function NothingFound({ query, onLeave }: { query: string; onLeave: (() => void) | undefined }) {
  const today = localDate(new Date())
  return (
    <section className="empty">
      <SearchIcon />
      <h2>Nothing found</h2>
      <p>
        No photo or video has <q>{query}</q> in its name, caption or date.
      </p>
      <p>
        A date is <q>{today.slice(0, 4)}</q>, <q>{monthOf(today)}</q> or <q>{today}</q>.
      </p>
      {onLeave && (
        <button type="button" className="button" onClick={onLeave}>
          Show all photos
        </button>
      )}
    </section>
  )
}

const ratios = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 0.67, 1.33, 1.5]

function Skeleton() {
  return (
    <ul className="skeleton" aria-busy="true" aria-label="Loading photos">
      {ratios.map((ratio, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move
        <li key={n} className="tile" style={{ '--ratio': ratio } as object} />
      ))}
    </ul>
  )
}
