import type { Album } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { ApiError } from '../api.ts'
import { useNews } from '../news.ts'
import { useRetry } from '../useRetry.ts'
import { getAlbum } from './albums.ts'

interface Failure {
  /** Of the album. */
  id: string
  message: string
  /** It is gone, or never was: asking again is of no use. */
  isAbsent: boolean
}

/** The album of this id; `error` where it can't be had. */
export function useAlbum(isOpen: boolean, id: string | undefined) {
  const [album, setAlbum] = useState<Album | null>(null)
  const [failed, setFailed] = useState<Failure | null>(null)
  const [attempt, setAttempt] = useState(0)
  // That of another album is none of this one.
  const failure = failed?.id === id ? failed : null
  useRetry(failure?.isAbsent === false, () => setAttempt(attempt + 1))
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with each attempt
  useEffect(() => {
    if (!isOpen || id === undefined) return
    let isOver = false
    getAlbum(id).then(
      (found) => {
        if (isOver) return
        setAlbum(found)
        setFailed(null)
      },
      (error: Error) => isOver || setFailed(failureOf(id, error)),
    )
    return () => {
      isOver = true
    }
  }, [isOpen, id, attempt])
  // Another name, or none any more. What one sees stays through a lost connection.
  useNews(id ?? '', () => {
    if (!isOpen || id === undefined) return
    getAlbum(id).then(setAlbum, (error: Error) => {
      const failure = failureOf(id, error)
      if (failure.isAbsent) setFailed(failure)
    })
  })
  return { album: album?.id === id ? album : null, error: failure?.message ?? null, setAlbum }
}

function failureOf(id: string, error: Error): Failure {
  return { id, message: error.message, isAbsent: error instanceof ApiError && error.status === 404 }
}
