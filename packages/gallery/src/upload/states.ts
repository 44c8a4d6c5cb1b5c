import type { UploadItem } from '@tintype/client'
import { formatTimeLeft } from '../format.ts'

/** Whether it proceeds without the user. */
export const isBusy = ({ state }: UploadItem) =>
  state === 'queued' || state === 'uploading' || state === 'checking'

/** What holds all of them up, as a sentence; empty where something moves. */
export function waitsFor(busy: readonly UploadItem[], now: number): string {
  const sending = busy.filter(({ state }) => state === 'uploading')
  const [first] = sending
  if (!first?.waiting || sending.some(({ waiting }) => !waiting)) return ''
  const { until, error } = first.waiting
  if (until === null) return 'Waiting for the network'
  const why = error.code === 'network' ? 'The server can’t be reached.' : error.message
  return `${why} Trying again in ${formatTimeLeft(Math.max(1, (until - now) / 1000))}`
}

/** What was refused, as a person would say it; the server's own sentence says the rest. */
export function reasonOf({ name, error }: UploadItem): string {
  if (!error) return ''
  const { code, message, problem } = error
  const limit = problem?.limit
  if (code === 'unsupported_type' && /\.hei[cf]$/i.test(name))
    return 'This is a photo in Apple’s format HEIC, which is not taken here. On the iPhone choose Settings › Camera › Formats › Most Compatible, or share it as JPEG.'
  if (code === 'too_many_pixels' && limit !== undefined)
    return `The picture is larger than ${Math.round(limit / 1_000_000)} megapixels, the most that is taken here. Make it smaller and add it again.`
  return message
}

/** Failed files by what is to be said of them: one sentence for all of a kind. */
export function grouped(failed: readonly UploadItem[]): { reason: string; items: UploadItem[] }[] {
  const groups = new Map<string, UploadItem[]>()
  for (const item of failed) {
    const reason = reasonOf(item)
    groups.set(reason, [...(groups.get(reason) ?? []), item])
  }
  return [...groups].map(([reason, items]) => ({ reason, items }))
}
