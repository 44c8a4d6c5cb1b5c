import type { UploadItem } from '@tintype/client'
import { memo } from 'react'
import { formatBytes } from '../format.ts'
import { CloseIcon, RetryIcon } from '../icons.tsx'

export interface UploadRowProps {
  item: UploadItem
  onRetry: (id: string) => void
  onRemove: (id: string) => void
}

/** One file: how far it is, or why it failed and what can be done. */
export const UploadRow = memo(({ item, onRetry, onRemove }: UploadRowProps) => {
  const { id, name, size, state, sent, error } = item
  const failed = state === 'failed'
  const percent = size > 0 ? Math.floor((sent / size) * 100) : 0

  return (
    <li className="upload-row" data-state={state}>
      <div className="upload-text">
        <p className="upload-name" title={name}>
          <bdi>{name}</bdi>
        </p>
        {failed ? (
          <p className="error">{error?.message}</p>
        ) : (
          <>
            <progress max={100} value={percent} aria-label={`Upload of ${name}`} />
            <p className="upload-state">{describe(state, percent, size)}</p>
          </>
        )}
      </div>
      {failed && error?.retryable && (
        <button
          type="button"
          className="button icon-only"
          aria-label={`Retry ${name}`}
          title="Retry"
          onClick={() => onRetry(id)}
        >
          <RetryIcon />
        </button>
      )}
      <button
        type="button"
        className="button icon-only quiet"
        aria-label={`${failed ? 'Dismiss' : 'Cancel'} ${name}`}
        title={failed ? 'Dismiss' : 'Cancel'}
        onClick={() => onRemove(id)}
      >
        <CloseIcon />
      </button>
    </li>
  )
})

function describe(state: UploadItem['state'], percent: number, size: number): string {
  if (state === 'queued') return `Waiting · ${formatBytes(size)}`
  if (percent >= 100) return 'Being checked…'
  return `${percent} % of ${formatBytes(size)}`
}
