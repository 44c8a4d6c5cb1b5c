import type { UploadItem } from '../upload-item.ts'
import { formatBytes, formatTime } from './format.ts'
import type { View, Words } from './list-view.ts'

/** Why it has failed. */
export const reasonOf = ({ error, name }: UploadItem, { texts }: Words): string =>
  error ? texts.error(error, name) : ''

/** What one file is doing. */
export function describe(item: UploadItem, words: Words): string {
  const { texts, language } = words
  const { state, size, sent, secondsLeft, note } = item
  const all = formatBytes(size, language)
  if (state === 'failed') return reasonOf(item, words)
  if (state === 'done') return texts.done
  if (state === 'queued') return `${texts.queued} · ${all}`
  if (item.waiting) return waitsFor([item], words)
  if (state === 'checking' || (state === 'uploading' && sent >= size)) return texts.checking
  const share = texts.percent(Math.floor((sent / (size || 1)) * 100), all)
  if (item.needsFile) return texts.needsFile(share)
  if (state === 'paused') return texts.paused(share)
  if (note === 'changed') return `${share} · ${texts.changed}`
  return secondsLeft === null ? share : `${share} · ${texts.left(formatTime(secondsLeft))}`
}

const areChecked = (busy: readonly UploadItem[]) => busy.every(({ state }) => state === 'checking')

/** What holds all of them up, as a sentence; empty where something moves. */
export function waitsFor(busy: readonly UploadItem[], { texts }: Words): string {
  const sending = busy.filter(({ state }) => state === 'uploading')
  const [first] = sending
  if (!first?.waiting || sending.some(({ waiting }) => !waiting)) return ''
  const { until, error } = first.waiting
  if (until === null) return texts.offline
  const why = error.code === 'network' ? texts.unreachable : texts.error(error, first.name)
  return `${why} ${texts.tryingAgain(formatTime(Math.max(1, (until - Date.now()) / 1000)))}`
}

/** `4.2 MB/s · 3 min left`, over all files together. */
export function paceOf({ busy, batch, texts, language }: View): string {
  const left = batch.bytes - batch.sent
  if (left <= 0 || areChecked(busy)) return texts.checking
  const speed = busy.reduce((total, { bytesPerSecond }) => total + bytesPerSecond, 0)
  if (speed < 1) return texts.toGo(formatBytes(left, language))
  return `${formatBytes(speed, language)}/s · ${texts.left(formatTime(left / speed))}`
}

/** All of it in a few words. */
export function summaryOf({ busy, paused, failed, batch, looking, added, texts }: View): string {
  if (busy.length > 0) {
    if (batch.total > busy.length) return texts.addedOf(batch.done, batch.total)
    return (areChecked(busy) ? texts.checkingFiles : texts.uploading)(busy.length)
  }
  if (looking) return texts.lookingAt(looking.count)
  if (failed.length > 0) return texts.failed(failed.length)
  if (paused.length > 0) return texts.unfinished(paused.length)
  return added > 0 ? texts.added(added) : texts.notAll
}
