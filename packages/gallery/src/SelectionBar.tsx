import { useLayoutEffect, useState } from 'react'
import { count, countMedia } from './format.ts'
import { AlbumIcon, CloseIcon, DownloadIcon, RemoveIcon, TrashIcon } from './icons.tsx'
import type { Selection } from './photos/useSelection.ts'

export interface SelectionBarProps {
  selection: Selection
  /** Null where the server has no albums. */
  onAdd: (() => void) | null
  /** Null outside of albums. */
  onTakeOut: (() => void) | null
  onDelete: () => void
  onNews: (text: string, isError?: boolean) => void
}

/** What can be done with all that is selected. Escape leaves. */
export function SelectionBar({ selection, onAdd, onTakeOut, onDelete, onNews }: SelectionBarProps) {
  const { media, clear } = selection
  const [progress, setProgress] = useState<number | null>(null)
  // Before the next key is pressed.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isInDialog = event.target instanceof Element && event.target.closest('dialog, .search')
      if (isInDialog) return
      if (event.key === 'Escape') clear()
      else if (event.key === 'Delete') onDelete()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [clear, onDelete])

  const download = async () => {
    setProgress(0)
    try {
      const { downloadZip } = await import('./zip/download-zip.ts')
      const isSaved = await downloadZip(media, setProgress)
      if (isSaved) onNews(`${countMedia(media)} downloaded.`)
    } catch (error) {
      onNews(`They could not be downloaded: ${(error as Error).message}`, true)
    } finally {
      setProgress(null)
    }
  }
  return (
    <section className="selection-bar" aria-label="Selected">
      <button
        type="button"
        className="button quiet icon-only"
        aria-label="Leave the selection"
        onClick={clear}
      >
        <CloseIcon />
      </button>
      <p role="status">{count(media.length, 'selected', 'selected')}</p>
      {onAdd && (
        <button type="button" className="button quiet" title="Add to album" onClick={onAdd}>
          <AlbumIcon />
          <span>
            Add<span className="wide"> to album</span>
          </span>
        </button>
      )}
      {onTakeOut && (
        <button type="button" className="button quiet" title="Take out of the album" onClick={onTakeOut}>
          <RemoveIcon />
          <span>
            Take out<span className="wide"> of the album</span>
          </span>
        </button>
      )}
      <button
        type="button"
        className="button quiet"
        title="Download"
        aria-disabled={progress !== null}
        onClick={() => progress ?? void download()}
      >
        <DownloadIcon /> <span>{progress === null ? 'Download' : `${Math.round(progress * 100)} %`}</span>
      </button>
      <button type="button" className="button quiet" title="Delete" onClick={onDelete}>
        <TrashIcon /> <span>Delete</span>
      </button>
    </section>
  )
}
