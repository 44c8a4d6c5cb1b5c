import { createUploads, type UploadItem } from '@tintype/client'
import { routes } from '@tintype/protocol'
import type { FoundFile } from './upload-files.ts'
import { formatBytes, printable, type UploadReport } from './upload-report.ts'
import { idempotencyKeyOf, type SentFile, type UploadState } from './upload-state.ts'

export interface SendOptions {
  endpoint: string
  token: string | undefined
  concurrency: number
  /** Pauses everything: what has arrived stays. */
  stop: AbortSignal
  state: UploadState
  report: UploadReport
}

export interface SendResult {
  sent: number
  /** Sent by an earlier run, and still on the server. */
  there: number
  failed: { shown: string; reason: string }[]
  /** Neither sent nor failed, because the command was stopped. */
  left: number
}

/** Sends files with the queue of `@tintype/client`, except those that an earlier run has sent. */
export async function sendFiles(found: readonly FoundFile[], options: SendOptions): Promise<SendResult> {
  const { endpoint, token, concurrency, stop, state, report } = options
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const uploads = createUploads({ endpoint, headers, concurrency, memory: state.memory })
  const about = new Map<string, FoundFile>()
  const result: SendResult = { sent: 0, there: 0, failed: [], left: 0 }

  const before = await state.memory.list()
  for (const one of found) {
    const file = describe(one, endpoint)
    if (await isThere(file)) {
      result.there++
      report.line(`there   ${printable(one.shown)}`)
      continue
    }
    const idempotencyKey = idempotencyKeyOf(file)
    const former = before.find((upload) => upload.endpoint === endpoint && upload.path === one.path)
    about.set(idempotencyKey, one)
    uploads.add([{ file: one.file, path: one.path, replaces: former?.key, idempotencyKey }])
  }

  const marks: Promise<void>[] = []
  const told = new Set<string>()
  /** Reports each event of an item once. */
  const first = (event: string) => !told.has(event) && told.add(event)
  const tell = (item: UploadItem, one: FoundFile) => {
    const { id, state: now, note, error, media } = item
    const name = printable(one.shown)
    if (note && first(`${id} ${note}`)) {
      report.line(note === 'resumed' ? `goes on ${name}` : `changed ${name}: from the start`)
    }
    if (now === 'done' && media && first(id)) {
      result.sent++
      report.line(`sent    ${name} (${formatBytes(item.size)})`)
      marks.push(state.markSent(describe(one, endpoint), media.id))
    }
    if (now === 'failed' && error && first(id)) {
      result.failed.push({ shown: one.shown, reason: error.message })
      report.line(`failed  ${name}: ${error.message}`)
    }
  }

  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const watch = () => {
    for (const item of uploads.items) {
      const one = about.get(item.id)
      if (one) tell(item, one)
    }
    report.update(uploads.items)
    if (uploads.items.every(({ state }) => ['done', 'failed', 'paused'].includes(state))) resolve()
  }
  const pause = () => uploads.pauseAll()
  uploads.subscribe(watch)
  stop.addEventListener('abort', pause, { once: true })
  if (stop.aborted) pause()
  watch()
  await ended
  await Promise.all(marks)
  report.end()
  result.left = uploads.items.filter((item) => item.state === 'paused').length
  return result

  async function isThere(file: SentFile): Promise<boolean> {
    const id = await state.sent(file)
    if (id === undefined) return false
    const answer = await fetch(endpoint + routes.mediaItem(id), { headers }).catch(() => undefined)
    await answer?.body?.cancel()
    return answer?.ok ?? false
  }
}

function describe({ path, file }: FoundFile, endpoint: string): SentFile {
  return { endpoint, path, size: file.size, modified: file.lastModified }
}
