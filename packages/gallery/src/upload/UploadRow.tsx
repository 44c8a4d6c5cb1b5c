import type { AddedFile, UploadItem, Uploads } from '@tintype/client'
import { memo } from 'react'
import { formatBytes, formatTimeLeft } from '../format.ts'
import { CloseIcon, FileIcon, PauseIcon, PlayIcon, RetryIcon } from '../icons.tsx'
import { FilePicker } from './FilePicker.tsx'
import { IconButton } from './IconButton.tsx'
import { addNote } from './notes.ts'
import { Preview } from './Preview.tsx'
import { reasonOf, waitsFor } from './states.ts'

export type RowActions = Pick<Uploads, 'add' | 'pause' | 'resume' | 'retry' | 'remove'>

export interface UploadRowProps {
  item: UploadItem
  /** The functions never change between renders. */
  uploads: RowActions
}

/** One file: its progress, or why it failed and what can be done. */
export const UploadRow = memo(
  ({ item, uploads }: UploadRowProps) => {
    const { id, name, size, state, sent, error } = item
    const failed = state === 'failed'
    const percent = size > 0 ? Math.floor((sent / size) * 100) : 0

    return (
      <li className="upload-row" data-state={state}>
        <Preview file={item.file} />
        <div className="upload-text">
          <p className="upload-name" title={name}>
            <bdi>{name}</bdi>
          </p>
          {failed ? (
            <p className="error">{reasonOf(item)}</p>
          ) : (
            <>
              <progress max={100} value={percent} aria-label={`Upload of ${name}`} />
              <p className="upload-state">{describe(item, percent)}</p>
            </>
          )}
        </div>
        {failed && (error?.retryable || error?.code === 'quota_exceeded') && (
          <IconButton label={`Retry ${name}`} title="Retry" onClick={() => uploads.retry(id)}>
            <RetryIcon />
          </IconButton>
        )}
        {(state === 'queued' || (state === 'uploading' && item.canPause)) && (
          <IconButton label={`Pause ${name}`} title="Pause" onClick={() => uploads.pause(id)}>
            <PauseIcon />
          </IconButton>
        )}
        {state === 'paused' && !item.needsFile && (
          <IconButton label={`Resume ${name}`} title="Resume" onClick={() => uploads.resume(id)}>
            <PlayIcon />
          </IconButton>
        )}
        {(item.needsFile || error?.code === 'file_unreadable') && (
          <FilePicker
            single
            className="icon-only"
            label={`Choose ${name} again`}
            title={`Choose ${name} again`}
            onFiles={(files) => addAgain(item, files, uploads)}
          >
            <FileIcon />
          </FilePicker>
        )}
        <IconButton
          quiet
          label={`${failed ? 'Dismiss' : 'Cancel'} ${name}`}
          title={failed ? 'Dismiss' : 'Cancel'}
          onClick={() => uploads.remove(id)}
        >
          <CloseIcon />
        </IconButton>
      </li>
    )
  },
  (before, after) => before.item === after.item,
)

/** Another file than the one that was asked for is taken, too, and that is said. */
function addAgain({ name, size }: UploadItem, files: AddedFile[], { add }: RowActions): void {
  for (const one of files) {
    const file = one instanceof File ? one : 'file' in one ? one.file : undefined
    if (file && file.name !== name && file.size !== size)
      addNote(file.name, `This is another file than ${name}, which still waits. It was added by itself.`)
  }
  add(files)
}

function describe(item: UploadItem, percent: number): string {
  const { state, size, secondsLeft, needsFile, note } = item
  const far = `${percent} % of ${formatBytes(size)}`
  if (state === 'queued') return `Waiting · ${formatBytes(size)}`
  if (item.waiting) return waitsFor([item], Date.now())
  if (state === 'checking' || (percent >= 100 && state === 'uploading')) return 'Being checked…'
  if (needsFile) return `${far} sent · choose it again to go on`
  if (state === 'paused') return `Paused at ${far}`
  const changed = note === 'changed' ? ' · the file has changed: from the start' : ''
  const left = secondsLeft === null || changed !== '' ? '' : ` · ${formatTimeLeft(secondsLeft)} left`
  return far + changed + left
}
