import type { UploadItem, Uploads } from '@tintype/client'
import type { RefObject } from 'react'
import { count, formatBytes, formatTimeLeft } from '../format.ts'
import { NoteRow } from './NoteRow.tsx'
import { dismissNote, useNotes } from './notes.ts'
import { UploadRow } from './UploadRow.tsx'
import { useRowFocus } from './useRowFocus.ts'

export interface UploadPanelProps {
  uploads: Uploads
  /** Gets the focus when the last row with the focus is gone. */
  picker: RefObject<HTMLElement | null>
}

/** Uploads in progress, unfinished, failed or left out; hidden when there are none. */
export function UploadPanel({ uploads, picker }: UploadPanelProps) {
  const { items, retry, remove, pauseAll, resumeAll } = uploads
  const failed = items.filter(({ state }) => state === 'failed')
  const busy = items.filter(isBusy)
  // What has been sent is checked by the server, maybe for minutes: there is nothing to pause any more.
  const sending = busy.filter(({ state }) => state !== 'checking')
  const paused = items.filter(({ state }) => state === 'paused')
  const notes = useNotes()
  const rowFocus = useRowFocus(picker)
  const others = [...busy, ...paused]
  if (failed.length + others.length + notes.length === 0) return null
  const retryable = failed.filter(({ error }) => error?.retryable)
  const resumable = paused.filter(({ needsFile }) => !needsFile)
  const row = (item: UploadItem) => <UploadRow key={item.id} item={item} uploads={uploads} />
  const dismissAll = () => {
    for (const { id } of failed) remove(id)
    for (const { id } of notes) dismissNote(id)
  }

  return (
    <section className="upload-panel" aria-labelledby="upload-title">
      <header>
        <div>
          <h2 id="upload-title">{title(busy.length, sending.length, paused.length, failed.length)}</h2>
          {sending.length > 0 && <p className="upload-state">{pace(busy)}</p>}
        </div>
        {sending.length > 1 && <TextButton onClick={pauseAll}>Pause all</TextButton>}
        {busy.length === 0 && resumable.length > 1 && <TextButton onClick={resumeAll}>Resume all</TextButton>}
        {busy.length === 0 && retryable.length > 1 && (
          <TextButton onClick={() => retryable.map(({ id }) => retry(id))}>Retry all</TextButton>
        )}
        {busy.length === 0 && failed.length + notes.length > 1 && (
          <TextButton onClick={dismissAll}>Dismiss all</TextButton>
        )}
      </header>
      <ul {...rowFocus}>
        {failed.map(row)}
        {notes.map((note) => (
          <NoteRow key={note.id} note={note} />
        ))}
        {others.slice(0, mostRows).map(row)}
      </ul>
      {others.length > mostRows && (
        <p className="upload-more">and {count(others.length - mostRows, 'more file')}</p>
      )}
    </section>
  )
}

/** Whether it proceeds without the user. */
export const isBusy = ({ state }: UploadItem) =>
  state === 'queued' || state === 'uploading' || state === 'checking'

const TextButton = ({ onClick, children }: { onClick: () => void; children: string }) => (
  <button type="button" className="button quiet" onClick={onClick}>
    {children}
  </button>
)

/**
 * 500 rows would be too many to read, and be drawn again with each progress event. Failed files are all shown, each with
 * its reason.
 */
const mostRows = 50

function title(busy: number, sending: number, paused: number, failed: number): string {
  if (busy > 0) return `${sending > 0 ? 'Uploading' : 'Checking'} ${count(busy, 'file')}`
  if (failed > 0) return `${count(failed, 'file')} failed`
  return paused > 0 ? count(paused, 'unfinished upload') : 'Not everything was added'
}

/** `4.2 MB/s · 3 min left`, over all files together. */
function pace(busy: readonly UploadItem[]): string {
  const sum = (of: (item: UploadItem) => number) => busy.reduce((total, item) => total + of(item), 0)
  const left = sum(({ size, sent }) => size - sent)
  if (left === 0) return 'Being checked…'
  const speed = sum(({ bytesPerSecond }) => bytesPerSecond)
  if (speed < 1) return `${formatBytes(left)} to go`
  return `${formatBytes(speed)}/s · ${formatTimeLeft(left / speed)} left`
}
