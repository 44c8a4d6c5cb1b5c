import type { UploadItem } from '../upload-item.ts'

/** Whether it proceeds without the user. */
export const isBusy = ({ state }: Pick<UploadItem, 'state'>): boolean =>
  state === 'queued' || state === 'uploading' || state === 'checking'

/** What is in a queue, by what can be done about it. */
export interface Sorted {
  failed: UploadItem[]
  busy: UploadItem[]
  paused: UploadItem[]
  done: UploadItem[]
}

export function sort(items: readonly UploadItem[]): Sorted {
  const of = (state: UploadItem['state']) => items.filter((item) => item.state === state)
  return { failed: of('failed'), busy: items.filter(isBusy), paused: of('paused'), done: of('done') }
}

/** Failed files by what is to be said of them: one sentence for all of a kind. */
export function grouped(
  failed: readonly UploadItem[],
  say: (item: UploadItem) => string,
): Map<string, UploadItem[]> {
  const groups = new Map<string, UploadItem[]>()
  for (const item of failed) groups.set(say(item), [...(groups.get(say(item)) ?? []), item])
  return groups
}
