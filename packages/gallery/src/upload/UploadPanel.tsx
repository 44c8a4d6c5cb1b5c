import type { UploadItem, Uploads } from '@tintype/client'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { count, formatBytes, formatTimeLeft } from '../format.ts'
import { CloseIcon, PauseIcon, PlayIcon } from '../icons.tsx'
import { IconButton } from './IconButton.tsx'
import { LookingRow } from './LookingRow.tsx'
import { NoteRow } from './NoteRow.tsx'
import { dismissNote, useNotes } from './notes.ts'
import { grouped, isBusy, waitsFor } from './states.ts'
import { UploadRow } from './UploadRow.tsx'
import { type Batch, useBatch } from './useBatch.ts'
import { useFolded } from './useFolded.ts'
import { useGlide } from './useGlide.ts'
import type { Looking } from './useLooking.ts'
import { useRowFocus } from './useRowFocus.ts'

export { isBusy }

export interface UploadPanelProps {
  uploads: Uploads
  looking?: Looking
  /** Gets the focus when the last row with the focus is gone. */
  picker: RefObject<HTMLElement | null>
}

/** The tray: uploads in progress, unfinished, failed or left out; hidden when there are none. It folds to a line, by itself where it would cover much. */
export function UploadPanel({ uploads, looking, picker }: UploadPanelProps) {
  const { items, retry, remove, pauseAll, resumeAll } = uploads
  const failed = items.filter(({ state }) => state === 'failed')
  const busy = items.filter(isBusy)
  // What has been sent is checked by the server, maybe for minutes: there is nothing to pause any more.
  const sending = busy.filter(({ state }) => state !== 'checking')
  const paused = items.filter(({ state }) => state === 'paused')
  const notes = useNotes()
  const rowFocus = useRowFocus(picker)
  const isLooking = looking !== undefined && looking.count > 0
  const batch = useBatch(items, isLooking)
  const now = useNow(busy.some(({ waiting }) => waiting))
  const others = [...busy, ...paused]
  useGlide(rowFocus.ref, [isLooking, ...[...failed, ...notes, ...others].map(({ id }) => id)].join())
  const hasRows = isLooking || failed.length + others.length + notes.length > 0
  const isShown = hasRows || batch.added > 0
  const tray = useRef<HTMLElement>(null)
  const [folded, setFolded] = useFolded(tray, isShown)
  if (!isShown) return null
  const retryable = failed.filter(({ error }) => error?.retryable)
  const resumable = paused.filter(({ needsFile }) => !needsFile)
  const groups = grouped(failed)
  const row = (item: UploadItem) => <UploadRow key={item.id} item={item} uploads={uploads} />
  const dismissAll = () => {
    for (const { id } of failed) remove(id)
    for (const { id } of notes) dismissNote(id)
  }
  const cancelAll = () => {
    looking?.cancel()
    for (const { id } of others) remove(id)
  }
  // One button, which keeps the focus when it is pressed.
  const together =
    sending.filter(({ canPause }) => canPause).length > 1
      ? { text: 'Pause all', icon: <PauseIcon />, act: pauseAll }
      : resumable.length > 1
        ? { text: 'Resume all', icon: <PlayIcon />, act: resumeAll }
        : null

  return (
    <section ref={tray} className="upload-panel" aria-labelledby="upload-title" data-folded={folded}>
      <header>
        <div>
          <h2 id="upload-title">
            {title(batch, {
              ...{ busy: busy.length, sending: sending.length, paused: paused.length },
              ...{ failed: failed.length, looking: looking?.count ?? 0 },
            })}
          </h2>
          {failed.length > 0 && batch.added > 0 && (
            <p className="upload-state">{count(batch.added, 'file')} added</p>
          )}
          {folded && busy.length + failed.length === 0 && notes.length > 0 && batch.added > 0 && (
            <p className="upload-state">{notAll}</p>
          )}
          {folded && busy.length === 0 && groups.length === 1 && (
            <p className="upload-state">{groups[0]?.reason}</p>
          )}
          {busy.length > 0 && (
            <p className="upload-state">
              {folded && failed.length > 0 && `${failed.length} failed · `}
              {waitsFor(busy, now) || pace(busy, batch, sending.length)}
            </p>
          )}
        </div>
        {together && (
          <button type="button" className="button quiet upload-together" onClick={together.act}>
            {together.icon}
            <span>{together.text}</span>
          </button>
        )}
        {busy.length === 0 && retryable.length > 1 && (
          <TextButton onClick={() => retryable.map(({ id }) => retry(id))}>Retry all</TextButton>
        )}
        {busy.length === 0 && failed.length + notes.length > 1 && (
          <TextButton onClick={dismissAll}>Dismiss all</TextButton>
        )}
        {others.length + (looking?.count ?? 0) > 1 && <TextButton onClick={cancelAll}>Cancel all</TextButton>}
        {hasRows && (
          <button
            type="button"
            className="button icon-only quiet upload-fold"
            aria-expanded={!folded}
            aria-controls="upload-rows"
            aria-label={folded ? 'Show the files' : 'Hide the files'}
            title={folded ? 'Show the files' : 'Hide the files'}
            onClick={() => setFolded(!folded)}
          >
            <svg viewBox="0 0 24 24" className="icon" aria-hidden="true">
              <path d="m6 9 6 6 6-6" />
            </svg>
          </button>
        )}
        {busy.length > 0 && batch.total > 1 && (
          <progress
            className="upload-all"
            max={100}
            value={batch.bytes > 0 ? (batch.sent / batch.bytes) * 100 : 0}
            aria-label="All uploads"
          />
        )}
      </header>
      <div id="upload-rows" hidden={folded}>
        <ul {...rowFocus}>
          {groups.map(({ reason, items: same }) =>
            same.length > mostAlike ? (
              <li key={reason} className="upload-row" data-state="failed">
                <div className="upload-text">
                  <p className="upload-name">{count(same.length, 'file')}</p>
                  <p className="error">{reason}</p>
                  <p className="upload-state">{same.map(({ name }) => name).join(', ')}</p>
                </div>
                <IconButton
                  quiet
                  label={`Dismiss ${count(same.length, 'file')}`}
                  title="Dismiss"
                  onClick={() => same.map(({ id }) => remove(id))}
                >
                  <CloseIcon />
                </IconButton>
              </li>
            ) : (
              same.map(row)
            ),
          )}
          {notes.map((note) => (
            <NoteRow key={note.id} note={note} />
          ))}
          {isLooking && <LookingRow looking={looking} />}
          {others.slice(0, mostRows).map(row)}
        </ul>
        {others.length > mostRows && (
          <p className="upload-more">and {count(others.length - mostRows, 'more file')}</p>
        )}
      </div>
    </section>
  )
}

const TextButton = ({ onClick, children }: { onClick: () => void; children: string }) => (
  <button type="button" className="button quiet" onClick={onClick}>
    {children}
  </button>
)

/** 500 rows would be too many to read, and be drawn again with each progress event. */
const mostRows = 50
const notAll = 'Not everything was added'
/** More files than these that failed for the same reason are one row. */
const mostAlike = 3

/** The time, each second while it is needed. */
function useNow(isNeeded: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isNeeded) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isNeeded])
  return now
}

function title(
  batch: Batch,
  {
    busy,
    sending,
    paused,
    failed,
    looking,
  }: Record<'busy' | 'sending' | 'paused' | 'failed' | 'looking', number>,
): string {
  if (busy > 0 && batch.total > busy) return `${batch.done} of ${count(batch.total, 'file')} added`
  if (busy > 0) return `${sending > 0 ? 'Uploading' : 'Checking'} ${count(busy, 'file')}`
  if (looking > 0) return `Looking at ${count(looking, 'file')}…`
  if (failed > 0) return `${count(failed, 'file')} failed`
  if (paused > 0) return count(paused, 'unfinished upload')
  return batch.added > 0 ? `${count(batch.added, 'file')} added` : notAll
}

/** `4.2 MB/s · 3 min left`, over all files together. */
function pace(busy: readonly UploadItem[], batch: Batch, sending: number): string {
  const left = batch.bytes - batch.sent
  if (left <= 0 || sending === 0) return 'Being checked…'
  const speed = busy.reduce((total, { bytesPerSecond }) => total + bytesPerSecond, 0)
  if (speed < 1) return `${formatBytes(left)} to go`
  return `${formatBytes(speed)}/s · ${formatTimeLeft(left / speed)} left`
}
