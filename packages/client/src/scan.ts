import type { Media, UploadStatus } from '@tintype/protocol'
import type { UploadApi } from './api.ts'
import { refusalError, UploadError, UploadPaused } from './errors.ts'
import { type RetryOptions, sleepTimer, withRetries } from './retry.ts'

/**
 * An event of a direct upload. `resumed`: it goes on where an earlier one stopped. `changed`: the storage has parts of
 * another version of the file, so it starts again. `checking`: all is sent, and the server inspects it or the app scans it.
 */
export type UploadEvent = 'resumed' | 'changed' | 'checking'

export interface ScanOptions extends RetryOptions {
  onEvent?: ((event: UploadEvent) => void) | undefined
}

/**
 * What has become of an upload: asks again, with growing pauses, while the app's scan of it goes on.
 * @returns undefined where there is no such upload (any more)
 */
export async function scanned(
  api: UploadApi,
  id: string,
  options: ScanOptions,
): Promise<UploadStatus | undefined> {
  const { sleep = sleepTimer } = options
  // Two seconds at first, as the server asks by Retry-After; half a minute at the most.
  for (let pause = 2000; ; pause = Math.min(pause * 2, 30_000)) {
    const status = await withRetries(() => api.status(id), options)
    if (status?.state !== 'scanning') return status
    options.onEvent?.('checking')
    await sleep(pause, options.signal)
  }
}

/** It was cancelled somewhere else, or no scan of it has come to its end. */
export const unscanned = () =>
  new UploadError('hook_timeout', 'The check took too long. Try again in a while.', {
    status: 503,
    retryable: false,
  })

/** The media of a form that was answered before its scan was over. Aborting cancels it at the server too. */
export async function scannedForm(api: UploadApi, id: string, options: ScanOptions): Promise<Media> {
  const { signal } = options
  try {
    const status = await scanned(api, id, options)
    if (status?.media) return status.media
    if (status?.refusal) throw refusalError(status.refusal)
    throw unscanned()
  } catch (error) {
    if (signal?.aborted && !(signal.reason instanceof UploadPaused)) await api.cancel(id)
    throw error
  }
}
