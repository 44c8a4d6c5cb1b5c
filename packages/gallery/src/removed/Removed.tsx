import type { Media, RemovedMedia } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { library } from '../api.ts'
import { RetryIcon, TrashIcon, UndoIcon } from '../icons.tsx'
import { useNews } from '../news.ts'
import { Unreachable } from '../Unreachable.tsx'
import '../styles/removed.css'
import { usePlace } from '../usePlace.ts'
import { useRetry } from '../useRetry.ts'
import { ConfirmDelete } from '../viewer/ConfirmDelete.tsx'

export interface RemovedProps {
  isOpen: boolean
  /** Of this list: see routing.ts. */
  visit: string
  onRestored: (media: readonly Media[]) => void
  /** Restored or deleted for good: no longer here. */
  onSettled: (ids: readonly string[]) => void
}

const pageSize = 60

/** What was deleted and can still be had again, the last first. */
export function Removed({ isOpen, visit, onRestored, onSettled }: RemovedProps) {
  const [media, setMedia] = useState<readonly RemovedMedia[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [asked, setAsked] = useState<RemovedMedia | null>(null)
  const [news, setNews] = useState('')

  /** @param atLeast how many */
  const load = async (cursor: string | null, atLeast = 1) => {
    try {
      const more: RemovedMedia[] = []
      let at = cursor
      do {
        const page = await library.list({ removed: true, cursor: at, limit: pageSize })
        // The wire type of this list has two dates more.
        more.push(...(page.media as RemovedMedia[]))
        at = page.next
      } while (at !== null && more.length < atLeast)
      setMedia((before) => [...(cursor === null ? [] : (before ?? [])), ...more])
      setNext(at)
      setError(null)
    } catch (failure) {
      setError((failure as Error).message)
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it may be asked
  useEffect(() => {
    if (isOpen) void load(null)
  }, [isOpen])

  // What was deleted or restored elsewhere, or here by Undo.
  useNews(undefined, () => void load(null, media?.length))
  useRetry(error !== null && media === null, () => void load(null))
  usePlace(visit, media !== null)

  const without = (id: string) => setMedia((before) => before?.filter((one) => one.id !== id) ?? null)
  const attempt = async (one: RemovedMedia, does: () => Promise<unknown>, done: string) => {
    try {
      await does()
      without(one.id)
      onSettled([one.id])
      setNews(`${one.name} ${done}`)
    } catch (failure) {
      setNews((failure as Error).message)
    }
  }
  const restore = (one: RemovedMedia) =>
    attempt(one, async () => onRestored([await library.restore(one.id)]), 'is restored.')
  const deleteForGood = (one: RemovedMedia) =>
    attempt(one, () => library.remove(one.id, { final: true }), 'is deleted for good.')

  if (error !== null && media === null)
    return <Unreachable what="What was deleted" message={error} onRetry={() => void load(null)} />
  return (
    <section className="removed" aria-labelledby="removed-title">
      <h2 id="removed-title">Recently deleted</h2>
      <p className="removed-news" role="status">
        {news || 'Photos and videos stay here for a while before they are gone for good.'}
      </p>
      {media?.length === 0 && (
        <div className="empty">
          <TrashIcon />
          <p>Nothing was deleted lately.</p>
        </div>
      )}
      <ul aria-busy={media === null}>
        {media?.map((one) => (
          <li key={one.id}>
            <Preview of={one} />
            <p className="removed-name" title={one.name}>
              <bdi>{one.caption ?? one.name}</bdi>
            </p>
            <p className="soft">
              until <time dateTime={one.restorableUntil}>{dateOf(one.restorableUntil)}</time>
            </p>
            <div className="actions">
              <button
                type="button"
                className="button"
                aria-label={`Restore ${one.name}`}
                onClick={() => void restore(one)}
              >
                <UndoIcon /> Restore
              </button>
              <button
                type="button"
                className="button quiet danger icon-only"
                aria-label={`Delete ${one.name} for good`}
                title="Delete for good"
                onClick={() => setAsked(one)}
              >
                <TrashIcon />
              </button>
            </div>
          </li>
        ))}
      </ul>
      {next !== null && (
        <button type="button" className="button" onClick={() => void load(next)}>
          {error === null ? (
            'More'
          ) : (
            <>
              <RetryIcon /> Try again
            </>
          )}
        </button>
      )}
      {asked && (
        <ConfirmDelete
          what={asked.kind === 'video' ? 'this video' : 'this photo'}
          name={asked.name}
          onCancel={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null)
            void deleteForGood(asked)
          }}
        />
      )}
    </section>
  )
}

function Preview({ of: { urls, placeholder } }: { of: Media }) {
  const [isBroken, setBroken] = useState(false)
  const source = urls.thumb ?? urls.poster ?? urls.view ?? placeholder
  if (!source || isBroken) return <span className="removed-picture" />
  return (
    <img
      className="removed-picture"
      src={source}
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => setBroken(true)}
    />
  )
}

const dateOf = (rfc3339: string) =>
  new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(rfc3339))
