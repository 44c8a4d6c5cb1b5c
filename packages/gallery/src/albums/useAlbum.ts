import type { Album } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { ApiError } from '../api.ts'
import { useNews } from '../news.ts'
import { useRetry } from '../useRetry.ts'
import { getAlbum } from './albums.ts'

/** The album of this id; `error` where it can't be had. */
export function useAlbum(isOpen: boolean, id: string | undefined) {
  const [album, setAlbum] = useState<Album | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const [isLost, setLost] = useState(false)
  useRetry(isLost, () => setAttempt(attempt + 1))
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with each attempt
  useEffect(() => {
    if (!isOpen || id === undefined) return
    let isOver = false
    getAlbum(id).then(
      (found) => {
        if (isOver) return
        setAlbum(found)
        setError(null)
        setLost(false)
      },
      (failure: Error) => {
        if (isOver) return
        setError(failure.message)
        setLost(!(failure instanceof ApiError && failure.status === 404))
      },
    )
    return () => {
      isOver = true
    }
  }, [isOpen, id, attempt])
  // Another name, or none any more. What one sees stays through a lost connection.
  useNews(id ?? '', () => {
    if (!isOpen || id === undefined) return
    getAlbum(id).then(setAlbum, (failure: Error) => {
      if (failure instanceof ApiError && failure.status === 404) setError(failure.message)
    })
  })
  return { album: album?.id === id ? album : null, error, setAlbum }
}
