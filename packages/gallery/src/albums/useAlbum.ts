import type { Album } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { ApiError } from '../api.ts'
import { useNews } from '../news.ts'
import { getAlbum } from './albums.ts'

/** The album of this id; `error` where it can't be had. */
export function useAlbum(isOpen: boolean, id: string | undefined) {
  const [album, setAlbum] = useState<Album | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    setError(null)
    if (!isOpen || id === undefined) return
    let isOver = false
    getAlbum(id).then(
      (found) => isOver || setAlbum(found),
      (failure: Error) => isOver || setError(failure.message),
    )
    return () => {
      isOver = true
    }
  }, [isOpen, id])
  // Another name, or none any more. What one sees stays through a lost connection.
  useNews(id ?? '', () => {
    if (!isOpen || id === undefined) return
    getAlbum(id).then(setAlbum, (failure: Error) => {
      if (failure instanceof ApiError && failure.status === 404) setError(failure.message)
    })
  })
  return { album: album?.id === id ? album : null, error, setAlbum }
}
