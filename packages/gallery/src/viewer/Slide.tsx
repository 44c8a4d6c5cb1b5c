import type { Media } from '@tintype/protocol'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { Photo } from './Photo.tsx'
import { Video } from './Video.tsx'

export interface SlideProps {
  media: Media
  /** Beside the one that is looked at (-1, 1), or that itself (0). */
  at: number
  thumb: string | undefined
  isBeside: boolean
  scale: number
  onRefresh: (id: string) => Promise<void>
  onSharp: (id: string) => void
}

/** One place of the row that a finger moves. */
export function Slide({ media, at, thumb, isBeside, scale, onRefresh, onSharp }: SlideProps) {
  const { id, kind } = media
  const isCurrent = at === 0
  const isDone = useRef(false)
  const attempt = useAttempts(isDone)
  const sharp = useCallback(() => {
    isDone.current = true
    onSharp(id)
  }, [onSharp, id])
  return (
    <div
      className={`slide${isCurrent ? ' current' : ''}`}
      style={{ '--at': at } as object}
      inert={!isCurrent}
    >
      {kind === 'video' ? (
        <Video key={attempt} media={media} isCurrent={isCurrent} onRefresh={onRefresh} onReady={sharp} />
      ) : (
        <Photo
          key={attempt}
          media={media}
          thumb={thumb}
          isCurrent={isCurrent}
          isBeside={isBeside}
          scale={isCurrent ? scale : 1}
          onRefresh={onRefresh}
          onSharp={sharp}
        />
      )}
    </div>
  )
}

/** Another number whenever there may be a connection again: what could not be loaded is asked for anew. */
function useAttempts(isDone: RefObject<boolean>): number {
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const again = () => {
      if (!isDone.current) setAttempt((n) => n + 1)
    }
    window.addEventListener('online', again)
    window.addEventListener('focus', again)
    return () => {
      window.removeEventListener('online', again)
      window.removeEventListener('focus', again)
    }
  }, [isDone])
  return attempt
}
